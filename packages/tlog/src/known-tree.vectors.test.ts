import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { emptyRoot, hashLeaf, hashNode } from "./hash.ts";
import { proveConsistency, proveInclusion, rootFromTiles } from "./tree.ts";
import { memoryTiles } from "./testing/reference-tree.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The eight entries that implementations of RFC 6962 have in common, and the roots of the trees of 1 to 8 of them. */
const ENTRIES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

describe("the known tree of eight entries", () => {
  const leaves = ENTRIES.map((entry) => hashLeaf(Buffer.from(entry, "hex")));
  const tiles = memoryTiles(leaves);

  it.each(ROOTS.map((root, at) => ({ size: at + 1, root })))(
    "has the known root at size $size",
    async ({ size, root }) => {
      expect(hex(await rootFromTiles(size, tiles))).toBe(root);
    },
  );

  it("begins from the hash of nothing", async () => {
    expect(hex(emptyRoot())).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    expect(await rootFromTiles(0, tiles)).toEqual(emptyRoot());
  });

  it("proves the first of eight with the known hashes", async () => {
    const proof = await proveInclusion({ index: 0, treeSize: 8 }, tiles);
    expect(proof.map(hex)).toEqual([
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
  });

  it("proves seven to continue three with the four nodes that the figure in RFC 6962 names", async () => {
    // §2.1.3 draws a tree of seven; its proof from 3 is [c, d, g, l].
    const [a, b, c, d, e, f, j] = leaves;
    const g = hashNode(a!, b!);
    const l = hashNode(hashNode(e!, f!), j!);
    const proof = await proveConsistency({ oldSize: 3, newSize: 7 }, tiles);
    expect(proof.map(hex)).toEqual([c!, d!, g, l].map(hex));
  });

  it("hashes as the platform's own SHA-256 does", () => {
    const entry = Buffer.from("some entry");
    const leaf = createHash("sha256").update(Buffer.of(0)).update(entry).digest();
    const node = createHash("sha256").update(Buffer.of(1)).update(leaf).update(leaf).digest();
    expect(hex(hashLeaf(entry))).toBe(hex(leaf));
    expect(hex(hashNode(leaf, leaf))).toBe(hex(node));
  });

  it("takes nothing but hashes as a node's children", () => {
    const [leaf] = leaves;
    expect(() => hashNode(leaf!, leaf!.slice(1))).toThrow(RangeError);
    expect(() => hashNode(new Uint8Array(33), leaf!)).toThrow(RangeError);
  });
});
