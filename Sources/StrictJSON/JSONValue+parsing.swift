extension JSONValue {
    /// How deeply arrays and objects may be nested, unless the caller says otherwise.
    public static let defaultMaximumDepth = 64

    /// The parser recurses once per level; this many levels fit a thread's stack by far.
    static let depthCeiling = 512

    /// Reads a document, strictly as RFC 8259 says.
    ///
    /// Refused are also: invalid UTF-8, a byte order mark, surrogates without their partner, a
    /// member name that appears twice in one object, and anything after the document.
    ///
    /// - Parameters:
    ///   - bytes: The whole document in UTF-8. Contiguous storage is read in place.
    ///   - maximumDepth: How deeply arrays and objects may be nested: `[[1]]` needs 2. At most 512.
    /// - Throws: ``JSONSyntaxError``, which says where and why. No input traps.
    public init(
        parsing bytes: some Collection<UInt8>,
        maximumDepth: Int = defaultMaximumDepth
    ) throws(JSONSyntaxError) {
        let inPlace = bytes.withContiguousStorageIfAvailable { buffer in
            Self.parse(buffer, maximumDepth: maximumDepth)
        }
        let result =
            inPlace
            ?? Array(bytes)
            .withUnsafeBufferPointer { buffer in
                Self.parse(buffer, maximumDepth: maximumDepth)
            }
        self = try result.get()
    }

    /// Reads a document, strictly as RFC 8259 says; see ``init(parsing:maximumDepth:)``.
    public init(
        parsing bytes: Span<UInt8>,
        maximumDepth: Int = defaultMaximumDepth
    ) throws(JSONSyntaxError) {
        let result = bytes.withUnsafeBufferPointer { buffer in
            Self.parse(buffer, maximumDepth: maximumDepth)
        }
        self = try result.get()
    }

    private static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>,
        maximumDepth: Int
    ) -> Result<JSONValue, JSONSyntaxError> {
        var parser = JSONParser(bytes, maximumDepth: min(maximumDepth, depthCeiling))
        do throws(JSONFailure) {
            return .success(try parser.document())
        } catch {
            return .failure(JSONSyntaxError(error, in: bytes))
        }
    }
}
