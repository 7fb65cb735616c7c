/**
 * A trie over byte strings in the layout of Darts-clone (Yata), which SentencePiece reads: one 32-bit unit a node, with
 * the label of the byte that leads to it, and the offset (relative, by exclusive or) at which its children lie.
 */
export function doubleArray(keys: readonly { readonly key: Uint8Array; readonly value: number }[]): Uint32Array {
  const root = trieOf(keys);
  const layout = new Layout();
  layout.place(root, 0);
  return layout.units();
}

interface TrieNode {
  readonly children: Map<number, TrieNode>;
  value: number | undefined;
}

function trieOf(keys: readonly { key: Uint8Array; value: number }[]): TrieNode {
  const root: TrieNode = { children: new Map(), value: undefined };
  for (const { key, value } of keys) {
    let node = root;
    for (const byte of key) {
      let next = node.children.get(byte);
      if (!next) {
        next = { children: new Map(), value: undefined };
        node.children.set(byte, next);
      }
      node = next;
    }
    node.value = value;
  }
  return root;
}

const HAS_LEAF = 1 << 8;
const OFFSET_SHIFT = 10;
const LEAF = 0x8000_0000;
const MAX_OFFSET = 1 << 21;

class Layout {
  private readonly array: number[] = [0];
  private readonly used: boolean[] = [true];
  /** No two nodes share a base: a unit's place and label then say whose child it is. */
  private readonly bases = new Set<number>();
  private firstFree = 1;

  /** Gives the children of the node at `position` places of their own: base ^ byte, the node's own value at base ^ 0. */
  place(node: TrieNode, position: number): void {
    const labels = [...node.children.keys()];
    if (node.value !== undefined) labels.unshift(0);
    if (labels.length === 0) return;
    const base = this.findBase(labels, position);
    this.bases.add(base);
    for (const label of labels) this.used[base ^ label] = true;
    this.array[position]! |= ((position ^ base) << OFFSET_SHIFT) | (node.value === undefined ? 0 : HAS_LEAF);
    if (node.value !== undefined) this.array[base] = node.value | LEAF;
    for (const [byte, child] of node.children) {
      this.array[base ^ byte] = byte;
      this.place(child, base ^ byte);
    }
  }

  private findBase(labels: readonly number[], position: number): number {
    while (this.used[this.firstFree]) this.firstFree++;
    for (let at = this.firstFree; ; at++) {
      const base = at ^ labels[0]!;
      if (this.used[at] || (position ^ base) >= MAX_OFFSET || this.bases.has(base)) continue;
      if (labels.every((label) => !this.used[base ^ label] && (base ^ label) !== 0)) return base;
    }
  }

  units(): Uint32Array {
    // readers look a byte ahead, so the last block of 256 is complete
    const units = new Uint32Array(Math.ceil(Math.max(this.used.length, this.array.length) / 256 + 1) * 256);
    units.set(this.array);
    return units;
  }
}
