// client franz|sarama: does what lines of standard input ask for, with one of two Kafka clients; README.md has the lines.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// Record is one record as lines tell it; bytes are base64.
type Record struct {
	Partition int32           `json:"p"`
	Offset    int64           `json:"o"`
	Key       *[]byte         `json:"k"`
	Value     *[]byte         `json:"v"`
	Headers   []HeaderOfBytes `json:"h"`
	Time      int64           `json:"t"`
}

// HeaderOfBytes is a header of a record.
type HeaderOfBytes struct {
	Name  string  `json:"n"`
	Value *[]byte `json:"v"`
}

// Request is one line that was read.
type Request struct {
	Do         string   `json:"do"`
	Bootstrap  string   `json:"bootstrap"`
	Topic      string   `json:"topic"`
	Codec      string   `json:"codec"`
	Acks       string   `json:"acks"`
	Idempotent bool     `json:"idempotent"`
	Records    []Record `json:"records"`
	Partition  int32    `json:"partition"`
	Count      int      `json:"count"`
	Committed  bool     `json:"committed"`
}

// Reply is one line that is written.
type Reply struct {
	Error   string      `json:"error,omitempty"`
	Offsets []int64     `json:"offsets,omitempty"`
	Records []Record    `json:"records,omitempty"`
	Told    [][2]string `json:"told,omitempty"`
}

// Client is what a library has to do.
type Client interface {
	Produce(Request) (Reply, error)
	Consume(Request) (Reply, error)
	Admin(Request) (Reply, error)
}

func bytesOf(part *[]byte) []byte {
	if part == nil {
		return nil
	}
	if *part == nil {
		return []byte{}
	}
	return *part
}

func partOf(bytes []byte) *[]byte {
	if bytes == nil {
		return nil
	}
	return &bytes
}

func answer(client Client, request Request) Reply {
	does := map[string]func(Request) (Reply, error){
		"produce": client.Produce, "consume": client.Consume, "admin": client.Admin}
	do, known := does[request.Do]
	if !known {
		return Reply{Error: "unknown: " + request.Do}
	}
	reply, err := do(request)
	if err != nil {
		return Reply{Error: err.Error()}
	}
	return reply
}

func main() {
	clients := map[string]Client{"franz": franz{}, "sarama": saramaClient{}}
	client, known := clients[os.Args[len(os.Args)-1]]
	if !known {
		fmt.Fprintln(os.Stderr, "usage: client franz|sarama")
		os.Exit(2)
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var request Request
		if err := json.Unmarshal(line, &request); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := out.Encode(answer(client, request)); err != nil {
			os.Exit(1)
		}
	}
}
