import StrictJSON

/// Reads text as a document.
func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue {
    try JSONValue(parsing: text.utf8)
}

/// The error for text that is no document, or nil when it is one.
func refusal(of text: String) -> JSONSyntaxError? {
    refusal(of: Array(text.utf8))
}

func refusal(of bytes: [UInt8]) -> JSONSyntaxError? {
    do throws(JSONSyntaxError) {
        _ = try JSONValue(parsing: bytes)
        return nil
    } catch {
        return error
    }
}

/// A document that has everything in it.
let specimen = #"""
    {"tenant":"acmé","charges":[{"meter":"api_calls","amount":1},{"meter":"t","amount":-1.5e+3}],
     "none":null,"yes":true,"no":false,"empty":[{},[]],"esc":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}
    """#

/// SplitMix64: small, and the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
