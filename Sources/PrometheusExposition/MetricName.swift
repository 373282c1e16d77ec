/// Names as Prometheus allows them: `[a-zA-Z_:][a-zA-Z0-9_:]*`, and no colon in a label's.
enum MetricName {
    /// `http.server.active_requests` as `http_server_active_requests`.
    static func plain(_ name: String) -> String {
        mended(name, allowsColon: true)
    }

    /// A counter's name, which ends in `_total`.
    static func counter(_ name: String) -> String {
        plain(name).withSuffix("_total")
    }

    /// A timer's name, which ends in its base unit.
    static func timer(_ name: String) -> String {
        plain(name).withSuffix("_seconds")
    }

    /// A label's name; those that Prometheus keeps for itself get a prefix.
    static func label(_ name: String) -> String {
        let mended = mended(name, allowsColon: false)
        let isReserved = mended == "le" || mended.hasPrefix("__")
        return isReserved ? "label_" + mended : mended
    }

    private static func mended(_ name: String, allowsColon: Bool) -> String {
        let startsWell = name.utf8.first.map { !isDigit($0) } ?? false
        if startsWell, name.utf8.allSatisfy({ isAllowed($0, allowsColon) }) { return name }
        var bytes: [UInt8] = startsWell ? [] : [UInt8(ascii: "_")]
        // By scalar, so that a character outside ASCII becomes one underscore and not four.
        for scalar in name.unicodeScalars {
            let byte = UInt8(exactly: scalar.value)
                .flatMap { isAllowed($0, allowsColon) ? $0 : nil }
            bytes.append(byte ?? UInt8(ascii: "_"))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isAllowed(_ byte: UInt8, _ allowsColon: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"):
            true
        case UInt8(ascii: ":"): allowsColon
        default: isDigit(byte)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}

extension String {
    fileprivate func withSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? self : self + suffix
    }
}
