import Foundation

/// Where a list goes on, as callers carry it: opaque, URL-safe, with the list's mark.
enum Cursor {
    static func encode(_ place: String, list: String) -> String {
        Data("\(list)\n\(place)".utf8).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    /// A place in a list that is ordered by several things; none has a line break.
    static func place(_ parts: String...) -> String { parts.joined(separator: "\n") }

    /// The place of a cursor, or nil for one of another list.
    static func decode(_ cursor: String, list: String) -> String? {
        var base64 = cursor.replacingOccurrences(of: "-", with: "+")
            .replacingOccurrences(of: "_", with: "/")
        while base64.utf8.count % 4 != 0 { base64 += "=" }
        guard let data = Data(base64Encoded: base64),
            let text = String(validating: data, as: UTF8.self), text.hasPrefix(list + "\n")
        else { return nil }
        return String(text.dropFirst(list.count + 1))
    }
}
