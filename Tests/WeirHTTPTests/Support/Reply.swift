import HTTPTypes
import HummingbirdTesting
import NIOCore
import StrictJSON

/// An answer, read once.
struct Reply: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]
    /// The body; `null` when it is no JSON.
    let json: JSONValue

    init(_ response: TestResponse) {
        status = response.status.code
        headers = response.headers
        bytes = Array(response.body.readableBytesView)
        json = (try? JSONValue(parsing: bytes)) ?? .null
    }

    /// The body as text.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    func header(_ name: String) -> String? { headers[HTTPField.Name(name)!] }

    /// The value at a path of names and places; nil when there is none.
    subscript(_ path: JSONStep...) -> JSONValue? {
        path.reduce(Optional(json)) { value, step in
            switch step {
            case .name(let name): value?[name]
            case .place(let place):
                value?.arrayValue.flatMap { $0.indices.contains(place) ? $0[place] : nil }
            }
        }
    }

    /// A member's text; empty when there is none.
    func string(_ name: String) -> String { json[name]?.stringValue ?? "" }

    /// A limit of a decision, by its id.
    func limit(_ id: String) -> JSONValue? {
        json["limits"]?.arrayValue?.first { $0["id"]?.stringValue == id }
    }

    /// The units used of a limit; −1 when the answer does not show it.
    func used(_ id: String) -> Int64 { limit(id)?["used"]?.integerValue ?? -1 }

    /// The members of an object, sorted; empty for anything else.
    static func names(_ value: JSONValue?) -> [String] {
        (value?.objectValue?.members ?? []).map(\.name).sorted()
    }
}
