import QuotaLedger
import QuotaModel

/// One form of request of one tenant, with the cells of its limits.
struct Lane: Sendable {
    let tenant: TenantID
    /// Empty where there is none.
    let key: ExactString
    /// Until when what it was compiled from holds, on the wall clock; the distant past for a place
    /// that is free.
    var validUntil: Timestamp
    /// The names under which use of its meters is written.
    var names = InlineArray<2, NumberedName>(repeating: NumberedName())
    let cells: InlineArray<4, LaneCell>
    /// The next lane of the tenant; -1 for none.
    var next: Int32 = -1
    /// The number of its form.
    let form: Int32
    /// Goes up when the place is given to another one.
    let generation: UInt32
    private let countOfCells: UInt8
    /// Bit i is set where the i-th limit counts the second meter.
    private let secondMeter: UInt8
    /// Whether it has one meter.
    let isSingle: Bool

    init(
        _ shape: LaneShape,
        form: Int32,
        validUntil: Timestamp,
        cells: InlineArray<4, LaneCell>,
        generation: UInt32
    ) {
        tenant = shape.tenant
        key = shape.key?.exact ?? ExactString("")
        self.validUntil = validUntil
        self.cells = cells
        self.form = form
        self.generation = generation
        countOfCells = UInt8(shape.form.limits.count)
        secondMeter = shape.form.meterOfLimit.enumerated()
            .reduce(0) { $0 | UInt8($1.element) << UInt8($1.offset) }
        isSingle = shape.form.meters.count == 1
    }

    /// How many limits there are.
    @inline(__always) var count: Int { Int(countOfCells) }

    /// The key that asks.
    var keyID: APIKeyID? { key.text.isEmpty ? nil : APIKeyID(trusted: key.text) }

    @inline(__always)
    func amount(_ index: Int, _ amounts: LaneAmounts) -> Int64 {
        secondMeter & (1 << UInt8(truncatingIfNeeded: index)) == 0 ? amounts.first : amounts.second
    }
}

extension Lane {
    /// What is left at the place of a lane that is over.
    init(closing lane: Lane) {
        self = lane
        validUntil = .distantPast
        next = -1
    }
}
