import Foundation

/// What a server did under a load, and what that took of processors.
struct ServerLoad: Sendable {
    var result: LoadResult
    /// The server's seconds of processor.
    var serverSeconds: Double
    /// Those of this process, which loads it and is its backend.
    var loadSeconds: Double

    /// Of others on this machine, so much of a processor makes figures doubtful.
    private static let mostOtherCores = 0.2

    /// Loads a server, and says so when others disturbed it.
    init(_ target: GatewayTarget, _ load: () async throws -> LoadResult) async throws {
        let own = ProcessInfo.processInfo.processIdentifier
        let before = (Self.seconds(target.process), Self.seconds(own))
        let allBefore = ProcessorTime.secondsOfAll()
        result = try await load()
        serverSeconds = Self.seconds(target.process) - before.0
        loadSeconds = Self.seconds(own) - before.1
        guard let allBefore, let all = ProcessorTime.secondsOfAll(), result.seconds > 0 else {
            return
        }
        let others = (all - allBefore - serverSeconds - loadSeconds) / result.seconds
        if others > Self.mostOtherCores {
            let cores = (others * 10).rounded() / 10
            BenchOptions.say("\(target.name) was disturbed: others had \(cores) cores meanwhile")
        }
    }

    private static func seconds(_ process: Int32) -> Double {
        ProcessorTime.seconds(of: process) ?? 0
    }

    /// The server's processor time for each request, in microseconds.
    var microsecondsPerRequest: Double {
        result.requests > 0 ? serverSeconds * 1e6 / Double(result.requests) : 0
    }

    /// How much of a processor the server had: 1 where it is the bound.
    var serverCores: Double { result.seconds > 0 ? serverSeconds / result.seconds : 0 }

    /// How much of a processor this process had.
    var loadCores: Double { result.seconds > 0 ? loadSeconds / result.seconds : 0 }

    /// Adds another run of the same load.
    mutating func add(_ other: ServerLoad) {
        result.add(other.result)
        serverSeconds += other.serverSeconds
        loadSeconds += other.loadSeconds
    }
}
