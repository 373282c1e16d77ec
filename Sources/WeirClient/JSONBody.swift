import Foundation

/// Encodes request bodies.
package enum JSONBody {
    /// The JSON of `value`, with slashes left as they are.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return try Array(encoder.encode(value))
    }
}
