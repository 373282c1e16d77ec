/// An id of 1 to 256 bytes of UTF-8 without control characters, equal byte by byte.
///
/// `Subject` only keeps ids of different things apart; there is never a value of it.
@frozen
public struct Identifier<Subject>: Sendable {
    /// The id as it arrived.
    public let exact: ExactString

    /// The longest id, in bytes of UTF-8.
    public static var maximumBytes: Int { 256 }

    /// Creates an id, or throws what is wrong with the text.
    public init(_ text: String) throws(IdentifierError) {
        if text.utf8.isEmpty { throw .empty }
        if text.utf8.count > Self.maximumBytes { throw .tooLong(text.utf8.count) }
        // Printable ASCII has no controls, and most ids are made of it.
        if !Self.isPrintableASCII(text) {
            for scalar in text.unicodeScalars where scalar.properties.generalCategory == .control {
                throw .controlCharacter(scalar.value)
            }
        }
        exact = ExactString(text)
    }

    /// Whether nothing speaks against the text; what is said no to needs a closer look.
    private static func isPrintableASCII(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            let bytes = UnsafeRawBufferPointer(bytes)
            let ones: UInt64 = 0x0101_0101_0101_0101
            var offset = 0
            // Eight bytes at a time; those out of 0x20...0x7E set the highest bit of one.
            while offset + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let others = (word &- ones &* 0x20) | (word &+ ones) | word
                if others & (ones << 7) != 0 { return false }
                offset += 8
            }
            return bytes[offset...].allSatisfy { (0x20...0x7E).contains($0) }
        }
    }

    /// Wraps text that is known to be a valid id: a constant, or what a store gave back.
    @inlinable
    public init(trusted text: String) {
        exact = ExactString(text)
    }

    /// The id's text.
    @inlinable
    public var text: String { exact.text }
}

/// Why a text is not an id.
public enum IdentifierError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No characters at all.
    case empty
    /// More bytes of UTF-8 than allowed.
    case tooLong(Int)
    /// A control character, by its code point.
    case controlCharacter(UInt32)

    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .empty: "must not be empty"
        case .tooLong(let bytes): "must be at most 256 bytes of UTF-8, not \(bytes)"
        case .controlCharacter(let value):
            "must not contain control characters (found U+\(paddedHex(value)))"
        }
    }

    private func paddedHex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension Identifier: Hashable, Comparable {
    /// Whether the bytes are the same.
    @inlinable
    public static func == (left: Self, right: Self) -> Bool { left.exact == right.exact }

    /// Hashes what `==` compares.
    @inlinable
    public func hash(into hasher: inout Hasher) { hasher.combine(exact) }

    /// Whether the bytes come before those of the other, as numbers.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.exact < right.exact }
}

extension Identifier: CustomStringConvertible {
    /// The text as it arrived.
    public var description: String { text }
}

/// The id of a tenant: chosen by the product that Weir serves.
public typealias TenantID = Identifier<Tenant>
/// The id of an API key: made by Weir, stable, never the key's name.
public typealias APIKeyID = Identifier<APIKey>
/// The id of a plan: `free`, `professional`.
public typealias PlanID = Identifier<Plan>
/// The id of a meter: `api_calls`, `ai_tokens`.
public typealias MeterID = Identifier<Meter>
/// The name of a model, as callers write it: `gpt-small`.
public typealias ModelName = Identifier<ModelSubject>
/// The id of an organization: chosen by the product.
public typealias OrganizationID = Identifier<Organization>
/// The id of a reservation.
public typealias ReservationID = Identifier<Reservation>
/// The id of a webhook endpoint.
public typealias WebhookID = Identifier<WebhookEndpoint>
/// The id of a top-up.
public typealias TopUpID = Identifier<TopUp>

/// What a model name names; see ``ModelName``.
public enum ModelSubject {}

extension APIKeyID {
    /// The id under which use without a key is booked.
    public static var service: APIKeyID { APIKeyID(trusted: "_service") }
}
