export { createNoticeDesk } from "./desk.ts";
export type { NoticeDesk, NoticeDeskPorts, NoticeRecipient, WantedNotice } from "./desk.ts";
export { addMessageRoutes } from "./routes.ts";
