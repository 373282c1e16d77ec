import QuotaModel

/// The ids that one life of a node gives out.
final class NodeIdentity: Sendable {
    private let name: String
    private let incarnation: Int64
    private let random: @Sendable () -> UInt64

    init(name: String, incarnation: Int64, random: @escaping @Sendable () -> UInt64) {
        self.name = name
        self.incarnation = incarnation
        self.random = random
    }

    /// `d_`, ten characters of time and sixteen of chance.
    ///
    /// Later ids sort after earlier ones. They do not count: a tenant must not learn from its ids
    /// how many requests others make.
    func decisionID(at now: Timestamp) -> String {
        "d_" + time(now) + chance() + chance()
    }

    /// Like a decision's id, with `a_`.
    func adjustmentID(at now: Timestamp) -> String { "a_" + time(now) + chance() + chance() }

    func topUpID(at now: Timestamp) -> String { "g_" + time(now) + chance() + chance() }

    /// `r_node.3.`, then like a decision's id: names the node and its incarnation.
    func reservationID(at now: Timestamp) -> ReservationID {
        ReservationID(trusted: "r_\(name).\(incarnation).\(time(now))\(chance())\(chance())")
    }

    private func time(_ now: Timestamp) -> String {
        Base32.encode(UInt64(max(0, now.nanoseconds / 1_000_000)), width: 10)
    }

    private func chance() -> String { Base32.encode(random(), width: 8) }
}

/// Crockford's base 32: digits and letters that are hard to mistake for each other.
private enum Base32 {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    static func encode(_ value: UInt64, width: Int) -> String {
        String(unsafeUninitializedCapacity: width) { text in
            var rest = value
            for index in (0..<width).reversed() {
                text[index] = digits[Int(rest & 31)]
                rest >>= 5
            }
            return width
        }
    }
}
