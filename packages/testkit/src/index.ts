export { createTestDatabase } from "./test-database.ts";
export type { TestDatabase } from "./test-database.ts";
export {
  bytesArbitrary,
  cborIntegerArbitrary,
  cborMapArbitrary,
  cborTextArbitrary,
  cborValueArbitrary,
} from "./arbitraries.ts";
export { cryptoSuite } from "./crypto-suite.ts";
export { FakeClock } from "./fake-clock.ts";
export { ownVectors, publishedVectors, type PublishedVectors } from "./vectors.ts";
export { createDeviceWorld, WORLD_STORE_KEY, type DeviceWorld } from "./device-world.ts";
export { durableStoreSuite, type DurableStoreFactory } from "./durable-store-suite.ts";
export {
  FakeGateway,
  problem,
  respond,
  type FakeFault,
  type FakeRequestLine,
} from "./fake-gateway.ts";
export { FakeHospital } from "./fake-hospital.ts";
export type {
  FakeBinding,
  FakeHandshakeAnswer,
  FakeHospitalBehaviour,
  FakeHospitalKey,
  FakeSession,
  FakeStoredItem,
} from "./fake-hospital-types.ts";
