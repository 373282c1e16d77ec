import NIOHTTP1
import Testing

@testable import WeirServer

@Suite("rules for heads, whatever the decoder lets pass")
struct RequestHeadRulesTests {
    private func head(
        _ fields: [(String, String)],
        version: HTTPVersion = .http1_1,
        method: HTTPMethod = .POST
    ) -> HTTPRequestHead {
        HTTPRequestHead(
            version: version, method: method, uri: "/", headers: HTTPHeaders(fields))
    }

    @Test("good heads pass")
    func good() {
        for fields in [
            [("Host", "a")],
            [("host", "a"), ("content-length", "4")],
            [("Host", "a"), ("Transfer-Encoding", "Chunked")],
        ] {
            #expect(RequestHeadRules.refusal(of: head(fields)) == nil)
        }
        #expect(RequestHeadRules.refusal(of: head([], version: .http1_0)) == nil)
    }

    @Test("heads that could be read in two ways do not")
    func bad() {
        for fields in [
            [],
            [("Host", "a"), ("Host", "a")],
            [("Host", "a"), ("Content-Length", "4"), ("content-length", "4")],
            [("Host", "a"), ("Content-Length", "4"), ("Transfer-Encoding", "chunked")],
            [("Host", "a"), ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
            [("Host", "a"), ("Transfer-Encoding", "gzip, chunked")],
            [("Host", "a"), ("Transfer-Encoding", "")],
        ] {
            #expect(RequestHeadRules.refusal(of: head(fields))?.status == .badRequest)
        }
        let old = head([("Transfer-Encoding", "chunked")], version: .http1_0)
        #expect(RequestHeadRules.refusal(of: old)?.status == .badRequest)
    }

    @Test("which request is the last, and which one waits for a word")
    func intentions() {
        #expect(!RequestHeadRules.isLast(head([("Host", "a")])))
        #expect(RequestHeadRules.isLast(head([("Connection", "close")])))
        #expect(RequestHeadRules.isLast(head([], version: .http1_0)))
        #expect(RequestHeadRules.isLast(head([("Connection", "keep-alive")], version: .http1_0)))
        #expect(RequestHeadRules.isLast(head([], method: .CONNECT)))
        #expect(RequestHeadRules.isLast(head([("Connection", "upgrade"), ("Upgrade", "h2c")])))
        let expecting = [("Expect", "100-Continue")]
        #expect(RequestHeadRules.expectsContinue(head(expecting)))
        #expect(!RequestHeadRules.expectsContinue(head(expecting, version: .http1_0)))
        #expect(!RequestHeadRules.expectsContinue(head([("Expect", "200-ok")])))
    }
}
