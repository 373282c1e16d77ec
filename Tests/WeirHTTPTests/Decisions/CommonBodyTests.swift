import NIOCore
import QuotaModel
import QuotaNode
import QuotaTesting
import StrictJSON
import Testing

@testable import WeirHTTP

/// Bodies are read without a tree where that is possible: always to the same values.
@Suite("bodies read without a tree")
struct CommonBodyTests {
    /// What a body says, to compare.
    private struct Said: Equatable {
        let names: [String?]
        let charges: [Charge]
        let metadata: [UInt8]?
        let ttl: Int64?
        let onExpiry: Reservation.OnExpiry?

        init(_ body: DecisionBody) {
            names = [
                body.tenant?.text, body.key?.text, body.model?.text, body.plan?.text,
                body.idempotencyKey,
            ]
            charges = body.charges
            metadata = body.metadata.map { Array($0.utf8) }
            ttl = body.hold?.ttlMilliseconds
            onExpiry = body.hold?.onExpiry
        }
    }

    private static func common(_ bytes: [UInt8], reserves: Bool) -> Said? {
        DecisionBody(common: ByteBuffer(bytes: bytes), reserves: reserves).map(Said.init)
    }

    private static func tree(_ bytes: [UInt8], reserves: Bool) -> Said? {
        guard let json = try? JSONValue(parsing: bytes),
            let body = try? DecisionBody(json, reserves: reserves)
        else { return nil }
        return Said(body)
    }

    @Test(
        "ordinary bodies need no tree",
        arguments: [
            #"{"tenant":"acme"}"#, "{}", " {\n} ",
            #"{"tenant":"tenant-123","charges":[{"meter":"api_calls","amount":1}]}"#,
            #"{"charges":[{"amount":9007199254740991,"meter":"x"},{"meter":"x","amount":1}]}"#,
            #"{ "tenant" : "größe" , "key" : "k_1" , "model" : "m" , "plan" : "pro" }"#,
            #"{"tenant":"a\"b\\c\u00e9\ud83d\ude00"}"#,
            #"{"tenant":null,"key":null,"charges":null,"model":null,"plan":null,"metadata":null}"#,
            #"{"tenant":"acme","idempotency_key":null}"#,
            #"{"tenant":"acme","metadata":{"b":[1,2.50,1e3, -0],"a":"\u0041\/é","n":{}}}"#,
        ])
    func ordinary(text: String) throws {
        let bytes = Array(text.utf8)
        for reserves in [false, true] {
            let common = try #require(Self.common(bytes, reserves: reserves))
            #expect(common == Self.tree(bytes, reserves: reserves))
        }
    }

    @Test("a hold needs no tree, and is unknown where nothing is held")
    func hold() throws {
        for text in [
            #"{"tenant":"a","ttl_ms":1000,"on_expiry":"post"}"#, #"{"tenant":"a","ttl_ms":null}"#,
            #"{"tenant":"a","on_expiry":null}"#, #"{"tenant":"a","ttl_ms":86400000}"#,
        ] {
            let bytes = Array(text.utf8)
            #expect(
                try #require(Self.common(bytes, reserves: true)) == Self.tree(bytes, reserves: true)
            )
            #expect(Self.common(bytes, reserves: false) == nil)
        }
    }

    @Test(
        "what is wrong is left to the tree, and so is what needs a fingerprint",
        arguments: [
            #"{"tenant":"a","idempotency_key":"k"}"#, #"{"tenant":""}"#, #"{"tenant":"a\u0000"}"#,
            #"{"tenant":"a\u007f"}"#, #"{"tenant":5}"#, #"{"charges":[]}"#, #"{"charges":{}}"#,
            #"{"charges":[{"meter":"x"}]}"#, #"{"charges":[{"amount":1}]}"#,
            #"{"charges":[{"meter":"x","amount":0}]}"#,
            #"{"charges":[{"meter":"x","amount":1.0}]}"#,
            #"{"charges":[{"meter":"x","amount":9007199254740992}]}"#,
            #"{"charges":[{"meter":"x","amount":null}]}"#, #"{"metadata":[]}"#,
            #"{"metadata":"x"}"#,
            #"{"ttl_ms":0}"#, #"{"ttl_ms":86400001}"#, #"{"on_expiry":"keep"}"#, #"{"x":1}"#,
            #"{"tenant":"a","tenant":"a"}"#, #"{"metadata":{"a":1,"a":1}}"#, #"{"tenant":"a"} x"#,
        ])
    func wrong(text: String) {
        #expect(Self.common(Array(text.utf8), reserves: true) == nil)
    }

    @Test("64 charges need no tree, 65 are too many")
    func charges() {
        for count in [64, 65] {
            let list = Array(repeating: #"{"meter":"x","amount":1}"#, count: count)
            let bytes = Array(#"{"charges":[\#(list.joined(separator: ","))]}"#.utf8)
            #expect((Self.common(bytes, reserves: false) != nil) == (count == 64))
            #expect((Self.tree(bytes, reserves: false) != nil) == (count == 64))
        }
    }

    @Test(
        "a body is read as the tree has it or not at all, whatever is done to it",
        arguments: [21, 22, 23, 24] as [UInt64])
    func generated(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var readCount = 0
        for round in 0..<4_000 {
            let reserves = Bool.random(using: &random)
            let body = BodyGenerator.body(reserves: reserves, using: &random)
            let label = "seed \(seed), round \(round): \(body)"
            var bytes = Array(body.utf8)
            #expect(Self.common(bytes, reserves: reserves) != nil, "\(label)")
            BodyGenerator.mutate(&bytes, using: &random)
            guard let common = Self.common(bytes, reserves: reserves) else { continue }
            readCount += 1
            #expect(common == Self.tree(bytes, reserves: reserves), "\(label)")
        }
        #expect(readCount > 1_000)
    }
}
