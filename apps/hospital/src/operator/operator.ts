/** How the audit log names the operator, who is known only by being at the private socket. */
export const OPERATOR = "operator";
