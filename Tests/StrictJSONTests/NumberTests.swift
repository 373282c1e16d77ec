import StrictJSON
import Testing

@Suite("Numbers")
struct NumberTests {
    @Test(
        "plain integers of 64 bits are integers",
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("-7", -7),
            ("9007199254740991", 9_007_199_254_740_991),
            ("9007199254740992", 9_007_199_254_740_992),
            ("9007199254740993", 9_007_199_254_740_993),
            ("9223372036854775807", .max),
            ("-9223372036854775808", .min),
        ] as [(String, Int64)]
    )
    func integers(text: String, expected: Int64) throws {
        let number = try #require(try parse(text).numberValue)
        #expect(number.integer == expected)
        #expect(number.literal == text)
        #expect(number.double == Double(expected))
    }

    @Test(
        "every other number is no integer, but keeps its literal",
        arguments: [
            ("1.0", 1), ("1e3", 1000), ("1E+3", 1000), ("10e-1", 1), ("-0.0", -0.0), ("0.1", 0.1),
            ("0e0", 0), ("-1.5e-7", -1.5e-7),
            ("9223372036854775808", 9_223_372_036_854_775_808),
            ("-9223372036854775809", -9_223_372_036_854_775_808),
            ("18446744073709551616", 18_446_744_073_709_551_616),
            ("1e400", nil), ("-1e400", nil), ("1e-400", 0),
        ] as [(String, Double?)]
    )
    func otherNumbers(text: String, expected: Double?) throws {
        let number = try #require(try parse(text).numberValue)
        #expect(number.integer == nil)
        #expect(number.literal == text)
        #expect(number.double == expected)
    }

    @Test("a number of 400 digits is a number")
    func longNumber() throws {
        let text = String(repeating: "1234567890", count: 40)
        let number = try #require(try parse(text).numberValue)
        #expect(number.integer == nil)
        #expect(number.double == nil)
        #expect(JSONValue.number(number).encodedBytes == Array(text.utf8))
    }

    @Test(
        "what is no number is refused",
        arguments: [
            "01", "-01", "00", "-", "+1", ".5", "5.", "1.e3", "1e", "1e+", "1E-", "1.5.5", "0x10",
            "NaN", "Infinity", "-Infinity", "-a", "1_000", "１",
        ]
    )
    func refuses(text: String) {
        #expect(refusal(of: text) != nil)
        #expect(JSONNumber(literal: text) == nil)
    }

    @Test("messages say what is wrong with a number")
    func messages() {
        #expect(refusal(of: "[01]")?.message == "a number must not start with a zero")
        #expect(
            refusal(of: "5.")?.message
                == "expected a digit after the decimal point, found the end of the document"
        )
        #expect(refusal(of: "1ex")?.message == "expected a digit in the exponent, found 'x'")
        #expect(refusal(of: "-x")?.message == "expected a digit, found 'x'")
    }

    @Test("numbers are made from integers and literals")
    func making() {
        #expect(JSONNumber(5) == JSONNumber(literal: "5"))
        #expect(JSONNumber(literal: "5.0")?.literal == "5.0")
        #expect(JSONNumber(literal: "5.0") != JSONNumber(5))
        #expect(JSONNumber(literal: "-0") != JSONNumber(0))
        #expect(JSONNumber(literal: " 5") == nil)
        #expect(JSONNumber(literal: "\"5\"") == nil)
    }
}
