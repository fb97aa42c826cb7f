// Keeps the database server of the tests running until its input ends.
import { once } from "node:events";
import { holdTestServer } from "../../packages/testkit/src/test-database.ts";

const release = await holdTestServer();
process.stdout.write("held\n");
process.stdin.resume();
await once(process.stdin, "end");
await release();
