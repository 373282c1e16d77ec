import NIOCore
import NIOHTTP1
import Testing

@testable import WeirServer

@Suite("listener")
struct ListenerHandlerTests {
    private let get = "GET /livez HTTP/1.1\r\nHost: weir\r\n\r\n"

    private func post(_ fields: String) -> String {
        "POST /consume HTTP/1.1\r\nHost: weir\r\n\(fields)\r\n"
    }

    private func statuses(_ text: String) -> [String] {
        text.matches(of: #/HTTP\/1\.1 (\d{3}) /#).map { String($0.output.1) }
    }

    /// Expects a problem as the last thing that is said on a connection.
    private func expectRefusal(_ status: Int, _ bench: ListenerBench) throws {
        let text = try bench.received()
        #expect(statuses(text).last == "\(status)", "\(text)")
        #expect(text.contains("Content-Type: application/problem+json\r\n"))
        #expect(text.contains("Connection: close\r\n"))
        #expect(text.contains("\"status\":\(status)"))
        #expect(bench.isOutputClosed)
        bench.pass(.seconds(2))
        #expect(!bench.isOpen)
    }

    @Test("requests are answered on one connection, and no timer stays behind")
    func requests() throws {
        let bench = try ListenerBench()
        for _ in 1...3 {
            try bench.send(get)
            bench.answer()
            #expect(statuses(try bench.received()) == ["200"])
            bench.pass(.seconds(60))
        }
        #expect(bench.isOpen)
        #expect(bench.routes.ends == 3)
        #expect(bench.routes.errors.isEmpty)
    }

    @Test("a silent connection is closed after ten seconds, without a word")
    func silence() throws {
        let bench = try ListenerBench()
        bench.pass(.seconds(9))
        #expect(bench.isOpen)
        bench.pass(.seconds(1))
        #expect(!bench.isOpen)
        #expect(try bench.received().isEmpty)
    }

    @Test("a head that trickles in is refused after ten seconds")
    func tricklingHead() throws {
        let bench = try ListenerBench()
        try bench.send("GET /livez HTTP/1.1\r\n")
        for number in 1...9 {
            try bench.send("X-\(number): 1\r\n")
            bench.pass(.seconds(1))
            #expect(try bench.received().isEmpty)
        }
        bench.pass(.seconds(1))
        try expectRefusal(408, bench)
        #expect(bench.routes.targets.isEmpty)
    }

    @Test("a head that trickles in after a request is refused after ten seconds")
    func tricklingSecondHead() throws {
        let bench = try ListenerBench()
        try bench.send(get)
        bench.answer()
        bench.pass(.seconds(40))
        _ = try bench.received()
        try bench.send("GET /")
        for _ in 1...9 {
            bench.pass(.seconds(1))
            try bench.send("x")
        }
        #expect(try bench.received().isEmpty)
        bench.pass(.seconds(1))
        try expectRefusal(408, bench)
    }

    @Test("a body that trickles in is refused after thirty seconds, and whoever reads it is told")
    func tricklingBody() throws {
        let bench = try ListenerBench()
        try bench.send(post("Content-Length: 1000\r\n"))
        for _ in 1...29 {
            try bench.send("x")
            bench.pass(.seconds(1))
        }
        #expect(bench.routes.bodyBytes == 29)
        #expect(bench.routes.errors.isEmpty)
        try bench.send("x")
        bench.pass(.seconds(1))
        #expect(bench.routes.errors.first as? Refusal == .bodyTimeout)
        #expect(bench.routes.ends == 0)
        // Too late: nothing may follow the refusal.
        bench.answer()
        try expectRefusal(408, bench)
    }

    @Test("an answer may take long once the body is there")
    func slowAnswer() throws {
        let bench = try ListenerBench()
        try bench.send(post("Content-Length: 4\r\n"))
        bench.pass(.seconds(29))
        try bench.send("body")
        bench.pass(.hours(1))
        #expect(bench.isOpen)
        bench.answer()
        #expect(statuses(try bench.received()) == ["200"])
    }

    @Test("an early answer leaves no timer that ends the next request")
    func earlyAnswer() throws {
        let bench = try ListenerBench()
        try bench.send(post("Content-Length: 4\r\n"))
        bench.answer(.unauthorized)
        bench.pass(.seconds(29))
        try bench.send("body" + post("Content-Length: 4\r\n"))
        bench.pass(.seconds(29))
        #expect(bench.isOpen)
        try bench.send("body")
        bench.answer()
        bench.pass(.minutes(1))
        #expect(statuses(try bench.received()) == ["401", "200"])
        #expect(bench.isOpen)
        #expect(bench.routes.ends == 2)
    }

    @Test("after an early answer the rest of the body still has to come in time")
    func earlyAnswerEndlessBody() throws {
        let bench = try ListenerBench()
        try bench.send(post("Content-Length: 4\r\n"))
        bench.answer(.unauthorized)
        bench.pass(.seconds(30))
        #expect(statuses(try bench.received()) == ["401"])
        #expect(!bench.isOpen)
    }

    @Test("pipelined requests are passed on in their order, and none is timed out by the others")
    func pipelining() throws {
        let bench = try ListenerBench()
        try bench.send(get.replacing("livez", with: "a") + get.replacing("livez", with: "b"))
        try bench.send(post("Content-Length: 4\r\n"))
        #expect(bench.routes.targets == ["/a", "/b", "/consume"])
        bench.pass(.seconds(100))
        bench.answer()
        bench.answer(.notFound)
        bench.pass(.seconds(29))
        try bench.send("body")
        bench.answer(.created)
        #expect(statuses(try bench.received()) == ["200", "404", "201"])
        #expect(bench.isOpen)
    }

    @Test("what follows good requests is refused after their answers")
    func refusalInOrder() throws {
        let bench = try ListenerBench()
        try bench.send(get + get + "nonsense\r\n\r\n")
        #expect(try bench.received().isEmpty)
        bench.answer()
        bench.answer()
        bench.answer()
        let text = try bench.received()
        #expect(statuses(text) == ["200", "200", "400"])
        #expect(text.contains("application/problem+json"))
    }

    @Test(
        "a body whose length is given twice or in two ways is refused",
        arguments: [
            "Content-Length: 4\r\nContent-Length: 5\r\n",
            "Content-Length: 4\r\nContent-Length: 4\r\n",
            "Content-Length: 4, 4\r\n",
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked, identity\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Content-Length: +4\r\n",
            "Content-Length : 4\r\n",
        ])
    func smuggling(fields: String) throws {
        let bench = try ListenerBench()
        try bench.send(post(fields) + "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: weir\r\n\r\n")
        #expect(bench.routes.targets.isEmpty)
        try expectRefusal(400, bench)
    }

    @Test("a chunked body is fine, a broken one is refused")
    func chunks() throws {
        let bench = try ListenerBench()
        let fields = post("Transfer-Encoding: chunked\r\n")
        try bench.send(fields + "4\r\nbody\r\n0\r\n\r\n")
        bench.answer()
        #expect(statuses(try bench.received()) == ["200"])
        #expect(bench.routes.bodyBytes == 4)
        try bench.send(fields + "4\r\nbody\r\nx\r\n")
        #expect(bench.routes.errors.count == 1, "half a body is none")
        try expectRefusal(400, bench)
    }

    @Test("a head that is too large or has too many fields is refused")
    func largeHeads() throws {
        for fields in [
            "X-Large: \(String(repeating: "x", count: 33_000))\r\n",
            (1...4).map { "X-\($0): \(String(repeating: "x", count: 9_000))\r\n" }.joined(),
            String(repeating: "X-Many: 1\r\n", count: 100),
        ] {
            let bench = try ListenerBench()
            try bench.send(post(fields))
            #expect(bench.routes.targets.isEmpty)
            try expectRefusal(431, bench)
        }
        let bench = try ListenerBench()
        try bench.send(post(String(repeating: "X-Many: 1\r\n", count: 99)))
        #expect(bench.routes.targets == ["/consume"])
    }

    @Test("the body that a client holds back is asked for")
    func expectation() throws {
        let bench = try ListenerBench()
        try bench.send(post("Content-Length: 4\r\nExpect: 100-continue\r\n"))
        #expect(try bench.received() == "HTTP/1.1 100 Continue\r\n\r\n")
        try bench.send("body")
        bench.answer()
        #expect(statuses(try bench.received()) == ["200"])
    }

    @Test("the answer to a last request says so and ends the connection")
    func lastRequest() throws {
        for head in [
            "GET / HTTP/1.1\r\nHost: weir\r\nConnection: close\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: weir\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        ] {
            let bench = try ListenerBench()
            try bench.send(head)
            try bench.send(get)
            #expect(bench.routes.targets == ["/"])
            bench.answer()
            #expect(try bench.received().contains("Connection: close\r\n"))
            #expect(bench.isOutputClosed)
            bench.pass(.seconds(2))
            #expect(!bench.isOpen)
        }
    }

    @Test("an answer given on the head alone counts like any other")
    func answerOnHead() throws {
        let bench = try ListenerBench()
        bench.routes.onHead = { bench.answer(.notFound) }
        try bench.send(get + post("Content-Length: 4\r\n") + "body")
        #expect(statuses(try bench.received()) == ["404", "404"])
        try bench.send(post("Connection: close\r\nContent-Length: 4\r\n") + "body")
        #expect(try bench.received().contains("Connection: close\r\n"))
        #expect(bench.isOutputClosed)
    }

    @Test("half a body is an error for whoever reads it, however it ends")
    func halfBody() throws {
        let bench = try ListenerBench()
        try bench.send(post("Content-Length: 1000\r\n") + "{}")
        bench.closeInput()
        #expect(!bench.routes.errors.isEmpty)
        #expect(bench.routes.ends == 0)
        #expect(statuses(try bench.received()) == ["400"])

        let other = try ListenerBench()
        try other.send(post("Content-Length: 1000\r\n") + "{}")
        try other.close().wait()
        #expect(!other.routes.errors.isEmpty)
        #expect(other.routes.ends == 0)
    }

    @Test("who closes during the goodbye waits for its end")
    func closingDuringGoodbye() throws {
        let bench = try ListenerBench()
        try bench.send("nonsense\r\n\r\n")
        #expect(bench.isOutputClosed)
        let closed = bench.close()
        #expect(bench.isOpen, "the refusal could be lost")
        bench.pass(.seconds(2))
        #expect(!bench.isOpen)
        try closed.wait()
    }
}
