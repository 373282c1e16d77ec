/// The place of a value in a document (RFC 6901): `/charges/0/amount`.
public struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    /// The pointer as it is written; empty for the whole document.
    public let description: String

    /// The whole document.
    public static let root = JSONPointer(escaped: "")

    private init(escaped: String) {
        description = escaped
    }

    /// The member `name` of the object here; `~` and `/` in it are escaped.
    public func member(_ name: String) -> JSONPointer {
        JSONPointer(escaped: description + "/" + Self.escape(name))
    }

    /// The element `index`, from 0, of the array here.
    public func element(_ index: Int) -> JSONPointer {
        JSONPointer(escaped: "\(description)/\(index)")
    }

    private static func escape(_ name: String) -> String {
        let tilde = UInt8(ascii: "~")
        let slash = UInt8(ascii: "/")
        guard name.utf8.contains(where: { $0 == tilde || $0 == slash }) else { return name }
        var escaped: [UInt8] = []
        escaped.reserveCapacity(name.utf8.count + 8)
        for byte in name.utf8 {
            switch byte {
            case tilde: escaped.append(contentsOf: [tilde, UInt8(ascii: "0")])
            case slash: escaped.append(contentsOf: [tilde, UInt8(ascii: "1")])
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
