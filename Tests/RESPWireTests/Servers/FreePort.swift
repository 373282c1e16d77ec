#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Ports that nobody listens on.
enum FreePort {
    struct Failure: Error {
        let errno: Int32
    }

    /// Binds port 0 of 127.0.0.1 and gives the port that the system chose, free again.
    static func next() throws -> Int {
        #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard result else { throw Failure(errno: errno) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
