package import NIOCore
import StrictJSON

extension MockRequest {
    /// Reads a body in its bytes; see ``init(_:endpoint:model:directive:)``.
    package init(
        body: ByteBuffer,
        endpoint: MockEndpoint,
        model: String? = nil,
        directive: MockDirective = MockDirective()
    ) throws(MockRefusal) {
        let document: JSONValue
        do throws(JSONSyntaxError) {
            document = try JSONValue(parsing: body.readableBytesView)
        } catch {
            throw .invalid("the body is not JSON: \(error)", nil)
        }
        try self.init(document, endpoint: endpoint, model: model, directive: directive)
    }
}
