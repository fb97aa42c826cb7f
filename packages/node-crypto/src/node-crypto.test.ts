import { createNodeCrypto } from "@siphms/node-crypto";
import { cryptoSuite } from "@siphms/testkit";

cryptoSuite("node:crypto", createNodeCrypto);
