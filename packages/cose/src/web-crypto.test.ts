import { createWebCrypto } from "@siphms/cose";
import { cryptoSuite } from "@siphms/testkit";

cryptoSuite("WebCrypto", createWebCrypto);
