/**
 * Trees that are put together and taken apart while one asks whose root is whose: link-cut trees (Sleator and Tarjan), each question O(log n)
 * on average. Going up from child to parent instead would take as many steps as a hostile chain of references is long, for each reference
 * (CVE-2026-40014). A class, since it is nothing but state.
 */
export class Forest {
  readonly #parent: number[] = []
  // Splay trees of preferred paths: children, and the way up (to a splay parent, or from a path to the one above).
  readonly #left: number[] = []
  readonly #right: number[] = []
  readonly #up: number[] = []

  get size(): number {
    return this.#parent.length
  }

  /** A new node that stands alone. */
  add(): number {
    this.#left.push(-1)
    this.#right.push(-1)
    this.#up.push(-1)
    return this.#parent.push(-1) - 1
  }

  /** The parent of a node, -1 for a root. */
  parentOf(node: number): number {
    return this.#parent[node] ?? -1
  }

  /** Makes `child`, a root, a child of `parent`, unless that closed a circle. */
  link(child: number, parent: number): void {
    if (this.#rootOf(parent) === child) return
    this.#expose(child)
    this.#up[child] = parent
    this.#parent[child] = parent
  }

  /** Makes a node a root. */
  cut(child: number): void {
    if (this.parentOf(child) < 0) return
    this.#expose(child)
    const above = this.#left[child] ?? -1
    if (above >= 0) this.#up[above] = -1
    this.#left[child] = -1
    this.#parent[child] = -1
  }

  #rootOf(node: number): number {
    this.#expose(node)
    let root = node
    for (let next = this.#left[root] ?? -1; next >= 0; next = this.#left[root] ?? -1) root = next
    this.#splay(root)
    return root
  }

  /** Brings the path from the root to `node` into one splay tree with `node` on top. */
  #expose(node: number): void {
    let below = -1
    for (let at = node; at >= 0; at = this.#up[at] ?? -1) {
      this.#splay(at)
      this.#right[at] = below
      below = at
    }
    this.#splay(node)
  }

  #isTop(node: number): boolean {
    const up = this.#up[node] ?? -1
    return up < 0 || (this.#left[up] !== node && this.#right[up] !== node)
  }

  #splay(node: number): void {
    while (!this.#isTop(node)) {
      const up = this.#up[node] ?? -1
      if (!this.#isTop(up)) {
        const above = this.#up[up] ?? -1
        const straight = (this.#left[up] === node) === (this.#left[above] === up)
        this.#rotate(straight ? up : node)
      }
      this.#rotate(node)
    }
  }

  #rotate(node: number): void {
    const up = this.#up[node] ?? -1
    const above = this.#up[up] ?? -1
    const top = this.#isTop(up)
    const isLeft = this.#left[up] === node
    const moved = (isLeft ? this.#right[node] : this.#left[node]) ?? -1
    if (isLeft) {
      this.#left[up] = moved
      this.#right[node] = up
    } else {
      this.#right[up] = moved
      this.#left[node] = up
    }
    if (moved >= 0) this.#up[moved] = up
    this.#up[up] = node
    this.#up[node] = above
    if (top) return
    if (this.#left[above] === up) this.#left[above] = node
    else this.#right[above] = node
  }
}
