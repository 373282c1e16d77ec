import Foundation
import QuotaEngine
import QuotaLedger
import QuotaModel
@testable import QuotaNode
import QuotaTesting
import Testing
import UsageJournal

/// Entries come out of a journal as they went in.
@Suite struct JournalCodecTests {
    private let holder = Holder(name: "node.with.dots", incarnation: 3)

    /// Writes entries to small segments, and reads them as a flusher does and as a recovery.
    private func roundTrip(
        _ entries: [JournalEntry],
        holder: Holder,
        storedAfter stored: Int = 0
    ) throws -> (read: [JournalEntry], recovered: [JournalEntry]) {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-codec-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let boot = BootID(high: 1, low: 2)
        let journal = try UsageJournal(
            folder: folder,
            identity: JournalIdentity(
                node: holder.name, incarnation: holder.incarnation, boot: boot, generation: 1),
            streamCount: 1, segmentBytes: 16_384, maximumBytes: 1 << 30)
        var writer = JournalStreamWriter(holder: holder, stream: 0, journal: journal)
        var position = JournalPosition.start
        for (index, entry) in entries.enumerated() {
            let end = try writer.write(entry)
            if index < stored { position = end }
        }
        let end = try journal.sync(0)
        var decoder = JournalDecoder(holder: holder)
        var read: [JournalEntry] = []
        _ = try journal.read(0, from: .start, through: end) {
            (record, bytes, position) throws(JournalError) in
            if let entry = try decoder.take(record, bytes, endingAt: position) {
                read.append(entry)
            }
        }
        let recovery = try JournalRecovery(
            folder: folder,
            known: .init(
                boot: boot, generation: 1,
                stored: [.init(incarnation: holder.incarnation, stream: 0): position]))
        let records = recovery.lives[0].streams[0].records(fromSegmentStart: true)
        var recoveredDecoder = JournalDecoder(holder: holder)
        var recovered: [JournalEntry] = []
        while try records.next(
            100,
            { (record, bytes, end) throws(JournalError) in
                let entry = try recoveredDecoder.take(record, bytes, endingAt: end)
                if let entry, end > position { recovered.append(entry) }
            }) > 0
        {}
        return (read, recovered)
    }

    @Test("what simulated clusters write, over many segments", arguments: 1...8)
    func clusters(seed: UInt64) throws {
        var simulation = Simulation(seed: seed)
        try simulation.run(steps: 500)
        for journal in simulation.journals where !journal.entries.isEmpty {
            let half = journal.entries.count / 2
            let (read, recovered) = try roundTrip(
                journal.entries, holder: journal.holder, storedAfter: half)
            #expect(read == journal.entries)
            #expect(recovered == Array(journal.entries[half...]))
        }
    }

    @Test("entries with everything, and enough of them to fill segments")
    func everything() throws {
        let identity = NodeIdentity(name: holder.name, incarnation: holder.incarnation) {
            UInt64.random(in: .min ... .max)
        }
        var entries: [JournalEntry] = []
        for number in 0..<400 {
            let at = Timestamp(seconds: 1_795_255_200 + Int64(number))
            let id = identity.reservationID(at: at)
            entries.append(.used(consumption(number, at: at, id: identity.decisionID(at: at))))
            entries.append(.held(hold(number, at: at, id: id)))
            entries.append(.extended(extended(number, at: at, id: id)))
            entries.append(
                .concluded(
                    Conclusion(
                        id: id, state: number % 2 == 0 ? .settled : .suspect,
                        settled: number % 2 == 0 ? [5, 0] : [], endedByExpiry: number % 3 == 0,
                        at: at, note: number % 4 == 0 ? #"{"price":3}"# : nil)))
            entries.append(.closed(lease(Int64(number))))
        }
        let (read, recovered) = try roundTrip(entries, holder: holder, storedAfter: 777)
        #expect(read == entries)
        #expect(recovered == Array(entries[777...]))
    }

    /// What a journal comes to for the ledger; sums in an order of their own.
    private func folded(
        _ entries: [JournalEntry],
        holder: Holder,
        isSumming: Bool
    ) throws -> (command: FoldCommand, entries: Int) {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-codec-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let journal = try UsageJournal(
            folder: folder,
            identity: JournalIdentity(
                node: holder.name, incarnation: holder.incarnation,
                boot: BootID(high: 1, low: 2), generation: 1),
            streamCount: 1, segmentBytes: 16_384, maximumBytes: 1 << 30)
        var writer = JournalStreamWriter(holder: holder, stream: 0, journal: journal)
        for entry in entries { _ = try writer.write(entry) }
        var decoder = JournalDecoder(holder: holder, isSumming: isSumming)
        var (fold, count) = (JournalFold(holder: holder), 0)
        _ = try journal.read(0, from: .start, through: try journal.sync(0)) {
            (record, bytes, position) throws(JournalError) in
            if let entry = try decoder.take(record, bytes, endingAt: position) {
                fold.add(entry)
                count += 1
            }
        }
        for entry in decoder.takeSums() {
            fold.add(entry)
            count += 1
        }
        #expect(decoder.takeSums().isEmpty)
        return (fold.command([]), count)
    }

    private func expectSame(_ entries: [JournalEntry], _ holder: Holder) throws -> (Int, Int) {
        let (each, eachCount) = try folded(entries, holder: holder, isSumming: false)
        let (summed, count) = try folded(entries, holder: holder, isSumming: true)
        #expect(summed.uses == each.uses)
        #expect(Set(summed.sums) == Set(each.sums))
        #expect(summed.sums.count == each.sums.count)
        #expect(summed.events == each.events)
        #expect(summed.requests == each.requests)
        #expect(summed.reservations == each.reservations)
        #expect(summed.answers == each.answers)
        return (eachCount, count)
    }

    @Test("sums of uses come to what the uses come to", arguments: 1...8 as ClosedRange<UInt64>)
    func sums(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let meters: [(Meter, Meter.Recording)] = [
            (.apiCalls, .hourly), (.aiTokens, .event), (.aiTokens, .hourly),
        ]
        var at = Timestamp(seconds: 1_795_255_200)
        var entries: [JournalEntry] = []
        for number in 0..<3_000 {
            // Some come late by the clock, and hours and days go by.
            at = at.adding(
                nanoseconds: Int64.random(in: -1_000_000...90_000_000_000, using: &random))
            let tenant = TenantID(trusted: "t\(Int.random(in: 0..<4, using: &random))")
            let uses = (0..<(Int.random(in: 0..<8, using: &random) == 0 ? 2 : 1))
                .map { _ in
                    let (meter, recording) = meters.randomElement(using: &random) ?? meters[0]
                    let largest = Bool.random(using: &random) ? 9 : Amount.maximum
                    return ChargedUse(
                        charge: MeteredCharge(
                            charge: Charge(
                                meter: meter.id,
                                amount: number < 1_000
                                    ? Int64.random(in: 0...largest, using: &random) : 1),
                            recording: recording),
                        overage: Int.random(in: 0..<20, using: &random) == 0 ? 1 : 0,
                        leases: [lease(Int64.random(in: 1...3, using: &random))],
                        accounts: [AccountKey(tenant: tenant, limit: "tenant:x/month")])
                }
            let isKept = Int.random(in: 0..<30, using: &random) == 0
            entries.append(
                .used(
                    Consumption(
                        id: "d_0000000000000000000000\(1_000 + number)", tenant: tenant,
                        key: APIKeyID(trusted: "k"), model: nil, at: at, uses: uses,
                        metadata: isKept ? "{}" : nil, idempotencyKey: nil, answer: nil)))
        }
        let (each, summed) = try expectSame(entries, holder)
        #expect(each == 3_000)
        #expect(summed < 3_000)
    }

    @Test("sums of what simulated clusters write", arguments: 1...4)
    func sumsOfClusters(seed: UInt64) throws {
        var simulation = Simulation(seed: seed)
        try simulation.run(steps: 500)
        for journal in simulation.journals where !journal.entries.isEmpty {
            _ = try expectSame(journal.entries, journal.holder)
        }
    }

    private func lease(_ sequence: Int64) -> GrantID {
        GrantID(holder: holder.name, incarnation: holder.incarnation, sequence: sequence)
    }

    private func consumption(_ number: Int, at: Timestamp, id: String) -> Consumption {
        let tenant = TenantID(trusted: "tenant \(number % 5) Ω")
        let accounts = [
            AccountKey(tenant: tenant, limit: "tenant:ai_tokens/day"),
            AccountKey(tenant: .init(trusted: "\u{1}org"), limit: "org:ai_tokens/month"),
        ]
        let isPlain = number % 4 == 0
        return Consumption(
            id: isPlain ? "d_other-\(number)" : id, tenant: tenant,
            key: APIKeyID(trusted: "key"), model: isPlain ? nil : ModelName(trusted: "gpt"),
            at: at,
            uses: [
                ChargedUse(
                    charge: MeteredCharge(
                        charge: Charge(meter: Meter.aiTokens.id, amount: Int64(number)),
                        recording: .event),
                    overage: Int64(number % 3), leases: [lease(1), lease(Int64(number / 50))],
                    accounts: accounts),
                ChargedUse(
                    charge: MeteredCharge(
                        charge: Charge(meter: Meter.apiCalls.id, amount: 1), recording: .hourly),
                    overage: 0, leases: [], accounts: []),
            ],
            metadata: isPlain ? nil : #"{"note":"\#(String(repeating: "m", count: number))"}"#,
            idempotencyKey: isPlain ? nil : ExactString("order-\(number)"),
            answer: isPlain
                ? nil
                : IdempotencyRecord(
                    id: IdempotencyID(tenant: tenant, key: ExactString("order-\(number)")),
                    fingerprint: [UInt8](repeating: UInt8(number % 256), count: 32),
                    answer: StoredAnswer(
                        status: 200, headers: ["ratelimit": "\"a\";r=1", "b": ""],
                        body: Array("{\"n\":\(number)}".utf8)),
                    createdAt: at))
    }

    private func hold(_ number: Int, at: Timestamp, id: ReservationID) -> Hold {
        let tenant = TenantID(trusted: "t")
        let account = AccountKey(tenant: tenant, limit: "tenant:ai_tokens/day")
        let reservation = Reservation(
            id: id, tenant: tenant, key: .service, model: nil,
            held: [
                Charge(meter: Meter.aiTokens.id, amount: 7),
                Charge(meter: Meter.apiCalls.id, amount: 1),
            ],
            onExpiry: Reservation.OnExpiry.allCases[number % 3], admittedAt: at,
            expiresAt: at.adding(nanoseconds: 60_000_000_000),
            metadata: "{}", idempotencyKey: nil,
            rates: [
                .init(
                    limit: "tenant:ai_tokens/minute", meter: Meter.aiTokens.id, quantity: 90,
                    burst: 90, windowNanoseconds: 60_000_000_000)
            ])
        return Hold(
            reservation: reservation, recordings: [.event, .hourly],
            pieces: [
                .init(
                    meter: Meter.aiTokens.id, account: account, lease: lease(Int64(number)),
                    units: 7)
            ], answer: nil)
    }

    private func extended(_ number: Int, at: Timestamp, id: ReservationID) -> HoldExtension {
        let tenant = TenantID(trusted: "t")
        func piece(_ meter: MeterID, _ window: String, _ units: Int64) -> Hold.Piece {
            Hold.Piece(
                meter: meter,
                account: AccountKey(tenant: tenant, limit: "tenant:\(meter)/\(window)"),
                lease: lease(Int64(number) + units), units: units)
        }
        let (tokens, calls) = (Meter.aiTokens.id, Meter.apiCalls.id)
        return HoldExtension(
            id: id, tenant: tenant,
            added: [Charge(meter: tokens, amount: 4), Charge(meter: calls, amount: 2)],
            // A limit that the hold did not have takes all of it.
            pieces: [piece(tokens, "day", 4), piece(tokens, "month", 4), piece(tokens, "week", 11)]
                + (number % 2 == 0 ? [] : [piece(calls, "day", 3)]), at: at)
    }

    @Test("ids are packed into 128 bits and come out again")
    func packing() throws {
        let identity = NodeIdentity(name: "n", incarnation: 1) { .random(in: .min ... .max) }
        for second in [0, 1, 1_795_255_200, 9_223_372_036] as [Int64] {
            let id = identity.decisionID(at: Timestamp(seconds: second))
            #expect(try #require(PackedID(id, after: "d_")).text(after: "d_") == id)
        }
        for other in ["d_", "d_x", "d_0000000000000000000000000u", "d_10000000000000000000000000"] {
            #expect(PackedID(other, after: "d_") == nil, "\(other)")
        }
    }

    @Test("a torn entry is dropped whole, and records that make no sense are refused")
    func torn() throws {
        let entry = JournalEntry.used(
            consumption(1, at: Timestamp(seconds: 1), id: "d_torn"))
        let drafts = JournalCodec.drafts(of: entry, holder: holder)
        #expect(drafts.count == 2)
        var decoder = JournalDecoder(holder: holder)
        let place = JournalPosition(segment: 0, offset: 8_192)
        let name = try #require(drafts[0].name).bytes
        _ = try name.withUnsafeBytes { bytes in
            try decoder.take(
                JournalRecord(kind: JournalCodec.Kind.name.rawValue, name: 0), bytes,
                endingAt: place)
        }
        var annex = drafts[0].annex.bytes
        let first = try annex.withUnsafeBytes {
            try decoder.take(drafts[0].record, $0, endingAt: place)
        }
        #expect(first == nil, "the second record of the entry is missing")
        annex[0] = 99
        for (record, bytes) in [
            (drafts[0].record, annex), (JournalRecord(kind: 77), []),
            (JournalRecord(kind: JournalCodec.Kind.used.rawValue, name: 12), []),
            (JournalRecord(kind: JournalCodec.Kind.closed.rawValue), []),
        ] as [(JournalRecord, [UInt8])] {
            var decoder = decoder
            #expect(throws: JournalError.self) {
                try bytes.withUnsafeBytes {
                    _ = try decoder.take(record, $0, endingAt: place)
                }
            }
        }
    }
}
