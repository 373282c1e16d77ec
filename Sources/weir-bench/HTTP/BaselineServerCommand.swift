import ArgumentParser
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// `weir-bench baseline-server`: answers every request with the bytes of a file.
///
/// The least that an HTTP/1.1 server on NIO can do: parse the request, read its body, answer.
struct BaselineServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline-server",
        abstract: "Answer every request with the same bytes.",
        shouldDisplay: false)

    @Option(help: "A file with a complete HTTP response.")
    var answer: String

    func run() async throws {
        let answer = try CannedAnswer(
            Array(Data(contentsOf: URL(fileURLWithPath: self.answer))))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(BaselineHandler(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        print("baseline is listening on http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
        fflush(nil)
        try await channel.closeFuture.get()
    }
}
