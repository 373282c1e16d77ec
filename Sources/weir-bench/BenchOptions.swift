import ArgumentParser
import Foundation
import WeirClient

/// The options that all benchmarks share.
struct BenchOptions: ParsableArguments {
    @Option(help: "Seconds for each measurement.")
    var seconds = 5.0

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func validate() throws {
        guard seconds >= 0.1, seconds <= 3_600 else {
            throw ValidationError("--seconds must be from 0.1 to 3600.")
        }
    }

    /// Runs benchmarks and prints their results; on an interrupt, children are stopped first.
    func run(_ benchmarks: [any Benchmark]) async throws {
        #if DEBUG
        Self.say("this is a debug build: build with -c release for figures that mean something")
        #endif
        do {
            try await Interrupt.cancels {
                var report = BenchReport(json: json)
                // What was measured before a failure is told, too.
                defer { report.finish() }
                for benchmark in benchmarks { try await benchmark.run(self, &report) }
            }
        } catch is CancellationError {
            Self.say("interrupted")
            throw ExitCode(130)
        }
    }

    /// Prints a line for people on standard error.
    static func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
