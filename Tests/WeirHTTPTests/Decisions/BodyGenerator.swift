import QuotaTesting

/// Bodies of requests for decisions, and what may happen to them on their way.
enum BodyGenerator {
    /// A body in one of the ways in which people write it.
    static func body(reserves: Bool, using random: inout SeededRandom) -> String {
        var members: [String] = []
        func add(_ name: String, _ values: [String], using random: inout SeededRandom) {
            guard Bool.random(using: &random) else { return }
            let (before, after) = (space(using: &random), space(using: &random))
            let value = values.randomElement(using: &random) ?? "null"
            members.append("\"\(name)\"" + before + ":" + after + value)
        }
        add("tenant", texts, using: &random)
        add("key", texts, using: &random)
        add("model", texts, using: &random)
        add("plan", texts + [#""pro""#], using: &random)
        add("metadata", metadata, using: &random)
        add("idempotency_key", ["null"], using: &random)
        add("charges", [charges(using: &random)], using: &random)
        if reserves {
            add("ttl_ms", ["1", "86400000", "null"], using: &random)
            add("on_expiry", [#""post""#, #""void""#, #""suspect""#, "null"], using: &random)
        }
        members.shuffle(using: &random)
        let gap = space(using: &random)
        return gap + "{" + gap + members.joined(separator: gap + "," + gap) + "}" + gap
    }

    /// Changes a body in a few places, or not at all.
    static func mutate(_ body: inout [UInt8], using random: inout SeededRandom) {
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let place = Int.random(in: 0...body.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: body.removeSubrange(place..<min(body.count, place + 2))
            case 1: body.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 2: body = Array(body.prefix(place))
            case 3: body.insert(contentsOf: Array(" \n".utf8), at: place)
            default:
                let piece = pieces.randomElement(using: &random) ?? ""
                body.insert(contentsOf: Array(piece.utf8), at: place)
            }
        }
    }

    private static let texts = [
        #""acme""#, #""tenant-123""#, #""größe""#, #""a\"b\\c""#, #""\u00e9\ud83d\ude00""#, "null",
        #""/../{}""#, #""a tenant of more than fifteen bytes""#,
    ]
    private static let metadata = [
        "{}", #"{"trace":"abc"}"#, #"{ "b" : [1, 2.50, 1e3, -0, null], "a":{"x":"\u0041\/"}}"#,
        #"{"é":"\n","":[[],{}],"big":123456789012345678901234567890}"#, "null",
    ]
    private static let pieces = [
        "\"", "{", "}", "[", "]", ",", ":", "null", "-1", "1e999", "\\u0000", "\\uD800", "0", ".0",
        "9007199254740992", "99999999999999999999999", #","tenant":"x""#, #""x":1,"#, "é", "\t",
        "[[[[", #"{"a":1,"a":2}"#, #""k""#,
    ]

    private static func charges(using random: inout SeededRandom) -> String {
        let list = (0..<Int.random(in: 1...4, using: &random))
            .map { _ in
                let meter =
                    #""meter":"\#(["api_calls", "ai_tokens"].randomElement(using: &random)!)""#
                let amount =
                    #""amount":\#([1, 7, 9_007_199_254_740_991].randomElement(using: &random)!)"#
                let gap = space(using: &random)
                let members = Bool.random(using: &random) ? [meter, amount] : [amount, meter]
                return "{" + members.joined(separator: gap + ",") + gap + "}"
            }
        return "[" + list.joined(separator: "," + space(using: &random)) + "]"
    }

    private static func space(using random: inout SeededRandom) -> String {
        ["", "", "", " ", "\n  ", "\t", "\r\n"].randomElement(using: &random) ?? ""
    }
}
