import HummingbirdTesting
import NIOCore
import StrictJSON
import Testing

extension TestResponse {
    /// The body as a JSON object.
    func json() throws -> JSONValue {
        try JSONValue(parsing: Array(body.readableBytesView))
    }

    /// The body as text.
    var text: String { String(buffer: body) }
}
