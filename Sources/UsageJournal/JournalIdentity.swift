/// Whose records a journal holds: one life of one node, over one history of the ledger.
public struct JournalIdentity: Hashable, Sendable {
    /// The name of the node, at most ``SegmentLayout/maximumNodeNameBytes`` bytes.
    public let node: String
    /// The life of the node: a number that no other life of it has.
    public let incarnation: Int64
    /// The boot of the machine in which the node lives.
    public let boot: BootID
    /// The history of the ledger that the records belong to; a restored ledger has another.
    public let generation: Int64
    /// Whether nobody hears of a record before it is on the disk: what a power cut takes then was
    /// told to nobody.
    public let isDurable: Bool

    /// Creates an identity.
    ///
    /// - Throws: `too_large` when the name is longer than the format allows.
    public init(
        node: String,
        incarnation: Int64,
        boot: BootID,
        generation: Int64,
        isDurable: Bool = false
    ) throws(JournalError) {
        guard node.utf8.count <= SegmentLayout.maximumNodeNameBytes else {
            throw JournalError(
                .tooLarge,
                "the node's name has \(node.utf8.count) bytes, of at most "
                    + "\(SegmentLayout.maximumNodeNameBytes); choose a shorter one")
        }
        self.node = node
        self.incarnation = incarnation
        self.boot = boot
        self.generation = generation
        self.isDurable = isDurable
    }
}
