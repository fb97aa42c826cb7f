export {
  createAnswerRequest,
  createLoadPatientFacts,
  type RequestPorts,
} from "./answer-request.ts";
