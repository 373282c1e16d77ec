import QuotaTesting
import UsageJournal

/// A record with its extension, as tests compare them.
struct Sample: Hashable, Sendable {
    var record: JournalRecord
    var bytes: [UInt8]

    /// The same sample for the same number; two in five have an extension.
    init(_ number: Int) {
        var random = SeededRandom(seed: UInt64(number))
        record = JournalRecord(
            kind: UInt8.random(in: .min ... .max, using: &random),
            flags: UInt8.random(in: .min ... .max, using: &random),
            name: UInt32.random(in: .min ... .max, using: &random),
            extra: UInt32.random(in: .min ... .max, using: &random),
            time: Int64.random(in: .min ... .max, using: &random), units: Int64(number),
            value: Int64.random(in: .min ... .max, using: &random),
            identifierHigh: random.next(), identifierLow: random.next())
        let count = [0, 0, 0, 1, 130][number % 5]
        bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    init(_ record: JournalRecord, _ bytes: UnsafeRawBufferPointer) {
        self.record = record
        self.bytes = [UInt8](bytes)
    }

    static let boot = BootID(high: 0x0011_2233_4455_6677, low: 0x8899_aabb_ccdd_eeff)
    static let otherBoot = BootID(high: 1, low: 2)

    static func identity(
        incarnation: Int64 = 7,
        generation: Int64 = 3
    ) throws -> JournalIdentity {
        try JournalIdentity(
            node: "node-α", incarnation: incarnation, boot: boot, generation: generation)
    }
}
