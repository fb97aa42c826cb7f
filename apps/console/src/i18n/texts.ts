export type { Texts } from "@siphms/web-kit";
