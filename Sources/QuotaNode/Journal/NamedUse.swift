import QuotaEngine
import QuotaLedger
import QuotaModel
import UsageJournal

/// A name of a segment, with what its records have in common.
struct NamedUse: Sendable {
    let name: JournalName
    private let leases: [GrantID]
    private let accounts: [AccountKey]

    init(_ name: JournalName, _ holder: Holder) {
        self.name = name
        leases = name.leases.map {
            GrantID(
                holder: holder.name, incarnation: holder.incarnation, sequence: $0.sequence)
        }
        accounts = name.leases.map(\.account)
    }

    /// Units of the meter, taken from the leases of the name.
    func use(_ units: Int64, overage: Int64) -> ChargedUse {
        ChargedUse(
            charge: MeteredCharge(
                charge: Charge(meter: name.meter, amount: units), recording: name.recording),
            overage: overage, leases: leases, accounts: accounts)
    }

    /// The entry that a sum of its records comes to.
    func entry(_ sum: UseTotal) -> JournalEntry {
        .used(
            Consumption(
                // Nobody asks for the ids of what is recorded in sums.
                id: "", tenant: name.tenant, key: name.key, model: name.model, at: sum.last,
                uses: [use(sum.units, overage: 0)], metadata: nil, idempotencyKey: nil,
                answer: nil, times: sum.times))
    }
}

/// The sum of some records of one name, all in one hour.
///
/// Apart from the name, so that adding to it touches no references.
struct UseTotal: Sendable {
    /// Whether a record of the name says nothing that its sum does not say, too.
    let isSummable: Bool
    /// Units and requests; none when nothing is summed up.
    private(set) var units: Int64 = 0
    private(set) var times: Int64 = 0
    /// The last of its instants.
    private(set) var last = Timestamp.distantPast
    /// The hour that they are all in.
    private var hour = Timestamp.distantPast

    init(of name: JournalName) { isSummable = name.recording != .event }

    /// Whether a record belongs to what was summed up.
    @inline(__always)
    func takes(_ record: JournalRecord) -> Bool {
        if times == 0 { return true }
        // An amount has 53 bits: one more never leaves 64.
        return units <= Amount.maximum && record.time >= hour.nanoseconds
            && record.time - hour.nanoseconds < 3_600_000_000_000
    }

    /// Adds a record that belongs to it.
    @inline(__always)
    mutating func add(_ record: JournalRecord) {
        let at = Timestamp(nanoseconds: record.time)
        if times == 0 { hour = at.startOfHour }
        units += record.units
        times += 1
        last = max(last, at)
    }

    /// Begins again with nothing.
    mutating func reset() { (units, times, last) = (0, 0, .distantPast) }
}

extension JournalRecord {
    /// Whether it is one use that is an entry by itself, all of it held before.
    @inline(__always)
    var isPlainUse: Bool {
        kind == JournalCodec.Kind.used.rawValue && flags == 0 && value == 0
            && 1...Amount.maximum ~= units
    }
}
