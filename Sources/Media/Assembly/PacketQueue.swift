import CLibAV

/// First-in-first-out store of owned packets, with the stream each is for.
final class PacketQueue {
    /// One waiting packet.
    private final class Node {
        var packet: Packet?
        let stream: Int
        var next: Node?

        init(_ packet: consuming Packet, stream: Int) {
            self.packet = consume packet
            self.stream = stream
        }
    }

    private var head: Node?
    private var tail: Node?

    var isEmpty: Bool { head == nil }

    func append(_ packet: consuming Packet, stream: Int) {
        let node = Node(packet, stream: stream)
        if let tail { tail.next = node } else { head = node }
        tail = node
    }

    /// Stream and decode time of the first packet; nil when there is none.
    var first: (stream: Int, decodeTime: Int64)? {
        guard let head else { return nil }
        return (head.stream, head.packet?.raw.pointee.dts ?? 0)
    }

    func removeFirst() -> Packet? {
        guard let node = head else { return nil }
        head = node.next
        if head == nil { tail = nil }
        return node.packet.take()
    }
}
