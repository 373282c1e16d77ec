import QuotaEngine
import QuotaModel
import Synchronization

/// The ids that one life of a node gives out.
final class NodeIdentity: Sendable {
    private let name: String
    private let incarnation: Int64
    private let nextGrant = Atomic<Int64>(0)
    private let nextReservation = Atomic<Int64>(0)
    private let nextDecision = Atomic<UInt64>(0)
    /// Eight characters of chance that tell this life of the node from all others.
    private let life: String

    init(name: String, incarnation: Int64, random: UInt64) {
        self.name = name
        self.incarnation = incarnation
        life = Base32.encode(random, width: 8)
    }

    /// `d_`, ten characters of time, eight of this life, eight that count: later ids sort after
    /// earlier ones.
    func decisionID(at now: Timestamp) -> String {
        let milliseconds = UInt64(max(0, now.nanoseconds / 1_000_000))
        let number = nextDecision.add(1, ordering: .relaxed).newValue
        return "d_" + Base32.encode(milliseconds, width: 10) + life
            + Base32.encode(number, width: 8)
    }

    /// `r_node.3.00000001`: names the node and its incarnation, and sorts by time.
    func reservationID() -> ReservationID {
        let number = nextReservation.add(1, ordering: .relaxed).newValue
        return ReservationID(
            trusted: "r_\(name).\(incarnation).\(Base32.encode(UInt64(number), width: 8))")
    }

    /// The first of `count` grants in a row.
    func grants(_ count: Int) -> GrantID {
        let next = nextGrant.add(Int64(count), ordering: .relaxed).newValue
        return GrantID(
            holder: name, incarnation: incarnation, sequence: next - Int64(count) + 1)
    }
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
