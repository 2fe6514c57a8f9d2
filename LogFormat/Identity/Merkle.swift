/// The two digests of a run of 1,024 events (SPEC.md section 11).
public struct MerkleLeaf: Equatable, Sendable {
    /// Over all canonical bytes.
    public var identity: Digest
    /// Over the stable parts only: equal for two runs with the same inputs.
    public var logical: Digest

    /// No leaf.
    public static let zero = MerkleLeaf(identity: .zero, logical: .zero)

    /// Makes a leaf of two digests.
    public init(identity: Digest, logical: Digest) {
        self.identity = identity
        self.logical = logical
    }
}

/// Folds canonical bytes into leaves, one event after another.
public struct LeafAccumulator {
    private var stable = SHA256Hasher()
    private var volatile = SHA256Hasher()
    /// Events in the unfinished run, 0 ..< 1024.
    public private(set) var pending: UInt64 = 0
    /// Leaves finished since the last `takeLeaves`.
    public private(set) var leaves: [MerkleLeaf] = []

    /// Starts at a leaf boundary.
    public init() {}

    /// Adds one event; finishes a leaf when it is the 1,024th.
    public mutating func add(stable stablePart: UnsafeRawBufferPointer, volatile volatilePart: UnsafeRawBufferPointer) {
        unsafe stable.update(stablePart)
        unsafe volatile.update(volatilePart)
        pending += 1
        if pending == FormatLimits.leafEvents {
            leaves.append(leaf())
            stable = SHA256Hasher()
            volatile = SHA256Hasher()
            pending = 0
        }
    }

    /// The leaf of the unfinished run, or `.zero` if there is none.
    public func partialLeaf() -> MerkleLeaf { pending == 0 ? .zero : leaf() }

    /// Hands over the finished leaves.
    public mutating func takeLeaves() -> [MerkleLeaf] {
        defer { leaves = [] }
        return leaves
    }

    private func leaf() -> MerkleLeaf {
        let stableDigest = stable.digest()
        var logical = SHA256Hasher()
        logical.update(UInt8(0))
        logical.update(stableDigest)
        var identity = SHA256Hasher()
        identity.update(UInt8(0))
        identity.update(stableDigest)
        identity.update(volatile.digest())
        return MerkleLeaf(identity: identity.digest(), logical: logical.digest())
    }
}

/// Root of a Merkle tree over `leaves`; an odd last node moves up unchanged; 32 zero bytes for no leaves.
///
/// Complexity: O(n) digests.
public func merkleRoot(_ leaves: [Digest]) -> Digest {
    guard !leaves.isEmpty else { return .zero }
    var level = leaves
    while level.count > 1 {
        var next: [Digest] = []
        next.reserveCapacity((level.count + 1) / 2)
        var index = 0
        while index + 1 < level.count {
            var hasher = SHA256Hasher()
            hasher.update(UInt8(1))
            hasher.update(level[index])
            hasher.update(level[index + 1])
            next.append(hasher.digest())
            index += 2
        }
        if index < level.count { next.append(level[index]) }
        level = next
    }
    return level[0]
}
