/// One entry of the journal, in fields whose meaning is the writer's.
public struct JournalRecord: Hashable, Sendable {
    /// What the record says.
    public var kind: UInt8
    /// Bits that the kind defines.
    public var flags: UInt8
    /// The number of a name that the writer has explained elsewhere.
    public var name: UInt32
    /// A small number that the kind defines.
    public var extra: UInt32
    /// When it happened, in nanoseconds.
    public var time: Int64
    /// A quantity.
    public var units: Int64
    /// Another quantity.
    public var value: Int64
    /// The first half of an identifier.
    public var identifierHigh: UInt64
    /// The second half of an identifier.
    public var identifierLow: UInt64

    /// Creates a record; what is left out is zero.
    public init(
        kind: UInt8 = 0,
        flags: UInt8 = 0,
        name: UInt32 = 0,
        extra: UInt32 = 0,
        time: Int64 = 0,
        units: Int64 = 0,
        value: Int64 = 0,
        identifierHigh: UInt64 = 0,
        identifierLow: UInt64 = 0
    ) {
        self.kind = kind
        self.flags = flags
        self.name = name
        self.extra = extra
        self.time = time
        self.units = units
        self.value = value
        self.identifierHigh = identifierHigh
        self.identifierLow = identifierLow
    }
}
