import NIOCore
import NIOEmbedded
import Testing

@testable import WeirServer

@Suite("clients that do not read")
struct StallTests {
    @Test("bytes that are taken, however slowly, are no stall")
    func slow() {
        var watch = StallWatch()
        #expect(watch.wrote(1_000) == true)
        #expect(watch.wrote(1_000) == false, "it is watched already")
        #expect(watch.look(waiting: 1_999) == .moving)
        #expect(watch.look(waiting: 1_998) == .moving)
        #expect(watch.wrote(500) == false)
        #expect(watch.look(waiting: 2_497) == .moving, "more waits, and one was taken")
        #expect(watch.look(waiting: 0) == .idle)
        #expect(watch.wrote(1) == true)
    }

    @Test("a step in which nothing is taken is one, whatever is written meanwhile")
    func stalled() {
        var watch = StallWatch()
        #expect(watch.wrote(1_000) == true)
        #expect(watch.look(waiting: 400) == .moving)
        #expect(watch.wrote(100) == false)
        #expect(watch.look(waiting: 500) == .stalled)

        var untouched = StallWatch()
        #expect(untouched.wrote(10) == true)
        #expect(untouched.look(waiting: 10) == .stalled)
    }

    @Test("the connection is closed after a step")
    func handler() throws {
        let channel = EmbeddedChannel(handler: StallHandler(step: .seconds(30)))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        // What is written and flushed is taken at once by an embedded channel.
        channel.writeAndFlush(ByteBuffer(string: "taken"), promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .minutes(5))
        #expect(channel.isActive)
        channel.write(ByteBuffer(string: "waits"), promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }
}
