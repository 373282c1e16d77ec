import Foundation

/// Where a list goes on, as callers carry it: opaque, URL-safe.
enum Cursor {
    static func encode(_ place: String) -> String {
        Data(place.utf8).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    /// A place in a list that is ordered by several things; none has a line break.
    static func place(_ parts: String...) -> String { parts.joined(separator: "\n") }

    static func decode(_ cursor: String) -> String? {
        var base64 = cursor.replacingOccurrences(of: "-", with: "+")
            .replacingOccurrences(of: "_", with: "/")
        while base64.utf8.count % 4 != 0 { base64 += "=" }
        guard let data = Data(base64Encoded: base64) else { return nil }
        return String(validating: data, as: UTF8.self)
    }
}
