import LLMWire
import NIOCore
import StrictJSON
import Testing

@Suite("OpenAI's error bodies")
struct OpenAIErrorTests {
    @Test("all four fields are there, then the extra ones")
    func fields() {
        let body = OpenAIError.body(
            message: "too many", type: "tokens", code: "rate_limit_exceeded",
            extra: [
                ("limit_id", .string("rpm")), ("available", .integer(-1)), ("plan", .null),
                ("upgrade", .object([("plan", .string("pro")), ("price", .object([]))])),
            ])
        let expected =
            #"{"error":{"message":"too many","type":"tokens","param":null,"#
            + #""code":"rate_limit_exceeded","limit_id":"rpm","available":-1,"plan":null,"#
            + #""upgrade":{"plan":"pro","price":{}}}}"#
        #expect(String(buffer: body) == expected)
    }

    @Test("every character that needs an escape comes back as it was")
    func escapes() throws {
        let text =
            String(String.UnicodeScalarView((0..<0x100).compactMap { Unicode.Scalar($0) }))
            + "\u{2028}😀 and a tail that is longer than a word"
        var buffer = ByteBuffer(string: "before")
        OpenAIError.write(
            message: text, type: text, param: text, code: nil, extra: [(text, .string(text))],
            into: &buffer)
        buffer.moveReaderIndex(forwardBy: 6)
        let error = try JSONValue(parsing: buffer.readableBytesView)["error"]
        #expect(error?["message"]?.stringValue == text)
        #expect(error?["param"]?.stringValue == text)
        #expect(error?["code"]?.isNull == true)
        #expect(error?[text]?.stringValue == text)
    }
}
