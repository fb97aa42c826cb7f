/** How the audit log names the operator: until there are persons, only as such (architecture section 4). */
export const OPERATOR = "operator";
