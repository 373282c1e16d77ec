public import NIOCore

/// A command and its arguments, encoded where it is made, so that a connection only copies it.
public struct RESPCommand: Sendable {
    /// Bytes for which room is made before the first argument: enough for a call of a script.
    private static let roomBytes = 128

    /// How many bulk strings it has, its name counted.
    public private(set) var count: Int
    /// The slot of its key, by which a cluster's node is chosen; nil when any node will do.
    public private(set) var slot: RESPSlot?
    /// The script that it calls by its hash, so that it can be sent again with the text.
    let script: RESPScript?
    /// The bulk strings.
    private(set) var body: [UInt8]

    /// Creates a command.
    ///
    /// - Parameters:
    ///   - name: Its name; a subcommand is an argument.
    ///   - arguments: Its first arguments; more can be added by `append`.
    ///   - key: The key that decides which node of a cluster it is for. It is not added to the
    ///     arguments.
    public init(_ name: String, _ arguments: RESPArgument..., key: String? = nil) {
        self.init(name, arguments: arguments, key: key)
    }

    /// Creates a command with an array of arguments.
    ///
    /// - Parameters:
    ///   - name: Its name; a subcommand is an argument.
    ///   - arguments: Its first arguments; more can be added by `append`.
    ///   - key: The key that decides which node of a cluster it is for. It is not added to the
    ///     arguments.
    public init(_ name: String, arguments: [RESPArgument], key: String? = nil) {
        count = 0
        script = nil
        slot = key.map { RESPSlot.of($0) }
        body = []
        body.reserveCapacity(Self.roomBytes)
        append(name)
        for argument in arguments { append(argument) }
    }

    /// Creates a call of a script by its hash.
    ///
    /// Where the server does not know the script, a client sends it once more with its text.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: The keys; the first decides which node of a cluster the call is for.
    ///   - arguments: The other arguments.
    public init(
        calling script: RESPScript, keys: [RESPArgument] = [], arguments: [RESPArgument] = []
    ) {
        count = 2
        self.script = script
        body = []
        body.reserveCapacity(script.callPrefix.count + Self.roomBytes)
        body.append(contentsOf: script.callPrefix)
        append(Int64(keys.count))
        for key in keys { append(key: key) }
        for argument in arguments { append(argument) }
    }

    private init(text script: RESPScript, of call: RESPCommand) {
        count = 0
        slot = call.slot
        self.script = nil
        let rest = call.body[script.callPrefix.count...]
        body = []
        body.reserveCapacity(script.source.utf8.count + rest.count + Self.roomBytes)
        append("EVAL")
        append(script.source)
        body.append(contentsOf: rest)
        count = call.count
    }

    /// The same call with the script's text, if this one has its hash.
    var withScriptText: RESPCommand? {
        script.map { RESPCommand(text: $0, of: self) }
    }

    /// How many bytes it takes on the wire, a few for its header not counted.
    public var bodyBytes: Int { body.count }

    /// Adds a text.
    public mutating func append(_ argument: String) {
        appendHeader(length: argument.utf8.count)
        body.append(contentsOf: argument.utf8)
        appendEnd()
    }

    /// Adds an integer.
    public mutating func append(_ argument: Int64) {
        appendHeader(length: Decimal.width(argument))
        Decimal.append(argument, to: &body)
        appendEnd()
    }

    /// Adds bytes.
    public mutating func append(_ argument: some Collection<UInt8>) {
        appendHeader(length: argument.count)
        body.append(contentsOf: argument)
        appendEnd()
    }

    /// Adds the readable bytes of a buffer.
    public mutating func append(_ argument: ByteBuffer) {
        append(argument.readableBytesView)
    }

    /// Adds an argument of any kind.
    public mutating func append(_ argument: RESPArgument) {
        switch argument {
        case .string(let text): append(text)
        case .integer(let value): append(value)
        case .bytes(let bytes): append(bytes)
        case .buffer(let buffer): append(buffer)
        }
    }

    /// Adds a key, which decides the node if it is the first.
    public mutating func append(key: RESPArgument) {
        append(key)
        guard slot == nil else { return }
        switch key {
        case .string(let text): slot = .of(text)
        case .integer(let value): slot = .of(String(value))
        case .bytes(let bytes): slot = .of(bytes)
        case .buffer(let buffer): slot = .of(buffer.readableBytesView)
        }
    }

    private mutating func appendHeader(length: Int) {
        body.append(UInt8(ascii: "$"))
        Decimal.append(Int64(length), to: &body)
        appendEnd()
        count += 1
    }

    private mutating func appendEnd() {
        body.append(UInt8(ascii: "\r"))
        body.append(UInt8(ascii: "\n"))
    }
}
