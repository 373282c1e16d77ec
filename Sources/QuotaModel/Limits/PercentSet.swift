/// A set of percentages from 1 to 100, and of two marks beside them.
///
/// Sixteen bytes, so that every account can have one without a list of its own.
public struct PercentSet: Hashable, Sendable {
    private var bits: UInt128

    /// The mark that a limit was used up.
    public static let exhausted = 101
    /// The mark that a limit which was used up had room again.
    public static let recovered = 102

    /// An empty set.
    public init() { bits = 0 }

    /// A set of these; what is not from 1 to 102 is left out.
    public init(_ members: some Sequence<Int>) {
        self.init()
        for member in members { insert(member) }
    }

    /// Whether there are none.
    public var isEmpty: Bool { bits == 0 }

    /// Whether a percentage or mark is in it.
    public func contains(_ member: Int) -> Bool {
        (1...102).contains(member) && bits & (1 << UInt128(member)) != 0
    }

    /// Adds a percentage or mark.
    public mutating func insert(_ member: Int) {
        if (1...102).contains(member) { bits |= 1 << UInt128(member) }
    }

    /// Takes a percentage or mark out.
    public mutating func remove(_ member: Int) {
        if (1...102).contains(member) { bits &= ~(1 << UInt128(member)) }
    }

    /// The members that another set does not have.
    public func subtracting(_ other: PercentSet) -> PercentSet {
        var rest = self
        rest.bits &= ~other.bits
        return rest
    }

    /// The members, the smallest first.
    public var members: [Int] {
        var members: [Int] = []
        var rest = bits
        while rest != 0 {
            members.append(rest.trailingZeroBitCount)
            rest &= rest - 1
        }
        return members
    }
}

extension PercentSet: CustomStringConvertible {
    /// The members with commas between: `50,80`.
    public var description: String { members.map(String.init).joined(separator: ",") }

    /// Reads a description; what can't be read is left out.
    public init(_ description: String) {
        self.init(description.split(separator: ",").compactMap { Int($0) })
    }
}
