import NIOCore
import NIOHTTP1
import QuotaModel
import Testing
import WeirHTTP

@testable import WeirServer

@Suite("requests are kept until they are whole")
struct RequestCollectorTests {
    private func head(_ path: String) -> HTTPServerRequestPart {
        .head(HTTPRequestHead(version: .http1_1, method: .POST, uri: path))
    }

    private func body(_ text: String) -> HTTPServerRequestPart { .body(ByteBuffer(string: text)) }

    /// What becomes of each part: `k` kept, `p` passed, `a` all passed, `d` decided with its body.
    private func run(
        _ collector: inout RequestCollector,
        _ parts: [HTTPServerRequestPart]
    ) -> [String] {
        parts.map { part in
            switch collector.receive(part, keeps: { $0.uri == "/keep" }) {
            case .keep: "k"
            case .pass: "p"
            case .passAll(let parts): "a\(parts.count)"
            case .decide(let whole): "d" + String(buffer: whole.body) + "/\(whole.parts.count)"
            }
        }
    }

    @Test("a request that may be answered at once is whole at its end")
    func whole() {
        var collector = RequestCollector()
        let parts = [head("/keep"), body("ab"), body("c"), .end(nil)]
        #expect(run(&collector, parts) == ["k", "k", "k", "dabc/3"])
        #expect(run(&collector, [head("/keep"), .end(nil)]) == ["k", "d/2"])
    }

    @Test("all others pass, and what follows them until they are answered")
    func passes() {
        var collector = RequestCollector()
        #expect(run(&collector, [head("/other"), body("x"), .end(nil)]) == ["p", "p", "p"])
        #expect(run(&collector, [head("/keep"), body("x"), .end(nil)]) == ["p", "p", "p"])
        collector.answered()
        #expect(run(&collector, [head("/keep"), .end(nil)]) == ["p", "p"])
        collector.answered()
        collector.answered()
        #expect(run(&collector, [head("/keep"), .end(nil)]) == ["k", "d/2"])
    }

    @Test("a request that was whole and went on holds up what follows")
    func goesOn() {
        var collector = RequestCollector()
        #expect(run(&collector, [head("/keep"), .end(nil)]) == ["k", "d/2"])
        collector.passOn()
        #expect(run(&collector, [head("/keep"), .end(nil)]) == ["p", "p"])
    }

    @Test("a request with trailers is nobody's to answer at once")
    func trailers() {
        var collector = RequestCollector()
        #expect(run(&collector, [head("/keep"), .end(["age": "1"])]) == ["k", "a2"])
        #expect(run(&collector, [head("/keep"), .end(nil)]) == ["p", "p"])
    }

    @Test("whoever stops gets what was kept, and keeps nothing more")
    func stops() {
        var collector = RequestCollector()
        #expect(run(&collector, [head("/keep"), body("x")]) == ["k", "k"])
        #expect(collector.stop().count == 2)
        #expect(run(&collector, [body("y"), .end(nil)]) == ["p", "p"])
        collector.answered()
        #expect(run(&collector, [head("/keep"), .end(nil)]) == ["p", "p"])
        #expect(collector.stop().isEmpty)
    }

    @Test(
        "dates are written as HTTP wants them",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_795_256_721, "Sat, 21 Nov 2026 10:25:21 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT"),
        ])
    func dates(_ seconds: Int64, _ text: String) {
        var date = HTTPDate()
        #expect(date.text(Timestamp(seconds: seconds)) == text)
        #expect(date.text(Timestamp(seconds: seconds)) == text)
    }
}
