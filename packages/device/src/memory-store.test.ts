import { createUnsafeMemoryStore } from "@siphms/device";
import { durableStoreSuite } from "@siphms/testkit";

durableStoreSuite("memory", { create: createUnsafeMemoryStore });
