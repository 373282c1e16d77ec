import Foundation
import UsageJournal

/// Appends to the journal, beside plain copies, and its recovery, beside a plain read.
struct JournalBenchmark: Benchmark {
    private static let segmentBytes = 64 << 20
    private static let extensionBytes = 200

    let name = "journal"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-bench-journal-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let plain = try append(folder + "/plain", extensionBytes: 0, options.seconds)
        try report.add(
            BenchResult(
                bench: "journal/append", value: plain, unit: "ns",
                baseline: .init(name: "64-byte copy", value: copies(of: 64, options.seconds / 2)),
                target: .valueAtMost(40)))
        let extended = try append(
            folder + "/extended", extensionBytes: Self.extensionBytes, options.seconds)
        try report.add(
            BenchResult(
                bench: "journal/append-extended", value: extended, unit: "ns",
                baseline: .init(
                    name: "320-byte copy", value: copies(of: 320, options.seconds / 2)),
                target: .valueAtMost(400)))
        let (recovered, read) = try recover(folder + "/recovered")
        try report.add(
            BenchResult(
                bench: "journal/recover", value: recovered, unit: "records/s",
                baseline: .init(name: "plain read of the file", value: read),
                target: .valueAtLeast(2_000_000)))
    }

    private func journal(_ folder: String) throws -> UsageJournal {
        let identity = try JournalIdentity(
            node: "bench", incarnation: 1, boot: BootID.current(), generation: 1)
        return try UsageJournal(
            folder: folder, identity: identity, streamCount: 1, segmentBytes: Self.segmentBytes)
    }

    private func record(_ number: Int) -> JournalRecord {
        JournalRecord(
            kind: 2, name: 17, time: Int64(number), units: 1,
            identifierHigh: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, identifierLow: 3)
    }

    /// Nanoseconds of one append; what is made ready in the background is not counted, the memory's
    /// first touch is.
    private func append(
        _ folder: String,
        extensionBytes: Int,
        _ seconds: Double
    ) throws -> Double {
        let journal = try journal(folder)
        let bytes = [UInt8](repeating: 7, count: extensionBytes)
        let slots = 1 + (extensionBytes + 63) / 64
        let round = Self.segmentBytes / 64 / slots / 2
        var (count, elapsed) = (0, Duration.zero)
        while elapsed < .seconds(seconds) {
            try journal.prepare()
            elapsed += try bytes.withUnsafeBytes { bytes in
                let start = ContinuousClock.now
                for number in 0..<round {
                    _ = try journal.append(
                        record(number), extension: extensionBytes == 0 ? nil : bytes, to: 0)
                }
                return start.duration(to: .now)
            }
            count += round
            try journal.release(0, through: try journal.sync(0))
        }
        try journal.close()
        return elapsed / .nanoseconds(1) / Double(count)
    }

    /// Nanoseconds of a plain copy of so many bytes, one behind the other.
    private func copies(of size: Int, _ seconds: Double) -> Double {
        let count = Self.segmentBytes / size
        let source = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
        let target = UnsafeMutableRawBufferPointer.allocate(
            byteCount: count * size, alignment: 4_096)
        defer {
            source.deallocate()
            target.deallocate()
        }
        source.initializeMemory(as: UInt8.self, repeating: 7)
        var (copies, elapsed) = (0, Duration.zero)
        while elapsed < .seconds(seconds) {
            let start = ContinuousClock.now
            for number in 0..<count {
                let place = target[(number * size)..<((number + 1) * size)]
                UnsafeMutableRawBufferPointer(rebasing: place).copyMemory(from: .init(source))
            }
            elapsed += start.duration(to: .now)
            copies += count
            precondition(target[count * size - 1] == 7)
        }
        return elapsed / .nanoseconds(1) / Double(copies)
    }

    /// Records a second that are checked and read, and as many as a plain read of the file gives.
    private func recover(_ folder: String) throws -> (recovered: Double, read: Double) {
        let journal = try journal(folder)
        let count = 2_000_000
        for number in 0..<count { _ = try journal.append(record(number), to: 0) }
        _ = try journal.sync(0)
        let start = ContinuousClock.now
        let recovery = try JournalRecovery(
            folder: folder, known: .init(boot: BootID.current(), generation: 1))
        let records = recovery.lives[0].streams[0].records()
        var (seen, sum) = (0, 0 as Int64)
        while try records.next(4_096, { record, _, _ in sum &+= record.time }) > 0 { seen += 4_096 }
        let recovered = start.duration(to: .now)
        precondition(seen >= count && sum == Int64(count) * Int64(count - 1) / 2)
        let begin = ContinuousClock.now
        var bytes = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            bytes += try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)).count
        }
        let read = begin.duration(to: .now)
        return (
            Double(count) / (recovered / .seconds(1)), Double(bytes / 64) / (read / .seconds(1))
        )
    }
}
