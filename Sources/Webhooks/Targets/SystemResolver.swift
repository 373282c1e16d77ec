#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif
import NIOCore
import NIOPosix

/// The resolver of this system, asked on threads of its own.
///
/// `getaddrinfo` can't be given up, and may hang for as long as the name servers do: a caller stops
/// waiting after ``timeout``, and no more than ``LookupThreads/maximumThreads`` hang.
package struct SystemResolver: HostResolver {
    /// The longest wait, including that for a thread.
    package static let defaultTimeout = Duration.seconds(5)

    private let timeout: TimeAmount
    private let threads = LookupThreads()

    /// A resolver, with threads of its own while it is asked.
    ///
    /// - Parameter timeout: the longest wait of a caller.
    package init(timeout: Duration = defaultTimeout) {
        self.timeout = TimeAmount(timeout)
    }

    /// Asks the system.
    ///
    /// - Parameter host: a name or an address in any spelling.
    /// - Returns: all of its addresses, in the order of RFC 6724.
    /// - Throws: ``HostResolverError``.
    package func addresses(of host: String) async throws(HostResolverError) -> [IPAddress] {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = loop.makePromise(of: Result<[IPAddress], HostResolverError>.self)
        // Whoever comes second finds the promise kept.
        let timer = loop.scheduleTask(in: timeout) { promise.succeed(.failure(.timedOut)) }
        let isTaken = threads.run { promise.succeed(Self.lookUp(host)) }
        if !isTaken { promise.succeed(.failure(.busy)) }
        let result: Result<[IPAddress], HostResolverError>
        do {
            result = try await promise.futureResult.get()
        } catch {
            result = .failure(.failed("the look-up was given up"))
        }
        timer.cancel()
        return try result.get()
    }

    /// Asks `getaddrinfo` and waits.
    private static func lookUp(_ host: String) -> Result<[IPAddress], HostResolverError> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        // One kind of socket, or each address comes once for each kind.
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var first: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &first)
        guard status == 0 else {
            return .failure(.failed(gai_strerror(status).map { String(cString: $0) } ?? "unknown"))
        }
        defer { freeaddrinfo(first) }
        var addresses: [IPAddress] = []
        var next = first
        while let entry = next?.pointee {
            if let address = address(of: entry), !addresses.contains(address) {
                addresses.append(address)
            }
            next = entry.ai_next
        }
        return .success(addresses)
    }

    /// The address in its standard text, which reads alike from every module's view of the C
    /// library: the members of `sockaddr_in` belong to whichever module was loaded first.
    private static func address(of entry: addrinfo) -> IPAddress? {
        // As long as `NI_MAXHOST`, with the scope that a local address may carry.
        var text = [CChar](repeating: 0, count: 1_025)
        let length = socklen_t(text.count)
        let form = NI_NUMERICHOST
        guard getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, length, nil, 0, form) == 0 else {
            return nil
        }
        let bytes = text.prefix { $0 != 0 && $0 != CChar(UInt8(ascii: "%")) }
        return IPAddress(String(decoding: bytes.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
}
