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
