import Foundation
import WeirClient

/// What memory tenants in use need: each by itself, and a process with a million of them.
///
/// Measured in a process of its own: others leave memory behind that is used again.
struct TenantMemoryBenchmark: Benchmark {
    let name = "tenants"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let (some, many) = (
            try Self.measure(tenants: 100_000), try Self.measure(tenants: 1_000_000)
        )
        // What the node has at all, however many there are, is in both.
        let each = Double(many.allocated - some.allocated) / 900_000
        try report.add(
            BenchResult(
                bench: "memory/tenant", value: each, unit: "bytes",
                target: .valueAtMost(400)))
        try report.add(
            BenchResult(
                bench: "memory/million", value: Double(many.resident) / 1e6, unit: "MB",
                target: .valueAtMost(600)))
    }

    private static func measure(tenants: Int) throws -> (allocated: Int, resident: Int) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ExecutablePath.own)
        process.arguments = ["active-tenants", "--tenants", "\(tenants)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let figures = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard process.terminationStatus == 0, figures.count == 2 else {
            throw LoadFailure("the memory of \(tenants) tenants could not be measured")
        }
        return (figures[0], figures[1])
    }
}
