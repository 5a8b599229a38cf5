package main

import (
	"context"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// franzStory is kadm's administration of topics named after it.
type franzStory struct {
	story
	client *kadm.Client
	data   *kgo.Client
}

func (franz) Admin(request Request) (Reply, error) {
	data, err := kgo.NewClient(kgo.SeedBrokers(request.Bootstrap), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return Reply{}, err
	}
	defer data.Close()
	s := franzStory{client: kadm.NewClient(data), data: data}
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	defer cancel()
	s.topics(ctx)
	s.configurations(ctx)
	s.records(ctx)
	s.replicas(ctx)
	s.people(ctx)
	s.cluster(ctx)
	s.step("delete topics", func() (any, error) { return s.client.DeleteTopics(ctx, "franz", "franz-none", "franz-more") })
	return Reply{Told: s.told}, nil
}

func text(value string) *string { return &value }

func (s *franzStory) topics(ctx context.Context) {
	c := s.client
	s.step("create a topic", func() (any, error) {
		return c.CreateTopic(ctx, 3, 1, map[string]*string{"retention.ms": text("7200000")}, "franz")
	})
	s.step("create topics", func() (any, error) { return c.CreateTopics(ctx, -1, -1, nil, "franz", "franz-more", "bad/name") })
	s.step("check topics", func() (any, error) { return c.ValidateCreateTopics(ctx, 1, 3, nil, "franz-checked") })
	s.step("create it wrongly", func() (any, error) {
		return c.CreateTopics(ctx, 1, 1, map[string]*string{"none.such": text("1")}, "franz-wrong")
	})
	s.until("list topics", []string{`"franz","Partition":2,"Leader":1`, `"franz-more","Partition":0,"Leader":1`}, func() (any, error) {
		return c.ListTopics(ctx, "franz", "franz-more")
	})
	s.step("add partitions", func() (any, error) { return c.CreatePartitions(ctx, 1, "franz") })
	s.until("list what has grown", []string{`"Partition":3,"Leader":1`}, func() (any, error) { return c.ListTopics(ctx, "franz") })
	s.step("set partitions", func() (any, error) { return c.UpdatePartitions(ctx, 2, "franz") })
	s.step("check partitions", func() (any, error) { return c.ValidateCreatePartitions(ctx, 2, "franz", "franz-none") })
}

func (s *franzStory) configurations(ctx context.Context) {
	c := s.client
	set := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "max.message.bytes", Value: text("2000000")},
		{Op: kadm.AppendConfig, Name: "cleanup.policy", Value: text("compact")}}
	wrong := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: text("never")}}
	cleaner := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "log.cleaner.threads", Value: text("2")}}
	whole := []kadm.AlterConfig{{Name: "retention.bytes", Value: text("12345")}}
	s.step("alter a topic", func() (any, error) { return c.AlterTopicConfigs(ctx, set, "franz", "franz-none") })
	s.step("alter a topic wrongly", func() (any, error) { return c.AlterTopicConfigs(ctx, wrong, "franz") })
	s.step("check an alteration", func() (any, error) { return c.ValidateAlterTopicConfigs(ctx, set, "franz") })
	s.until("describe a topic", []string{"2000000", "delete,compact"}, func() (any, error) {
		return c.DescribeTopicConfigs(ctx, "franz")
	})
	s.step("alter a topic as a whole", func() (any, error) { return c.AlterTopicConfigsState(ctx, whole, "franz-more") })
	s.until("describe it", []string{"12345"}, func() (any, error) { return c.DescribeTopicConfigs(ctx, "franz-more") })
	s.step("alter a broker", func() (any, error) { return c.AlterBrokerConfigs(ctx, cleaner, 1) })
	s.until("describe brokers", []string{`"Key":"log.cleaner.threads","Value":"2"`}, func() (any, error) {
		described, err := c.DescribeBrokerConfigs(ctx, 1)
		found, missing := described.On("1", nil)
		if missing != nil {
			return missing, err
		}
		kept := []kadm.Config{}
		for _, each := range found.Configs {
			if each.Key == "log.cleaner.threads" || each.Key == "num.io.threads" {
				kept = append(kept, each)
			}
		}
		return kept, err
	})
	s.step("list resources", func() (any, error) { return c.ListConfigResources(ctx) })
}

func (s *franzStory) records(ctx context.Context) {
	c := s.client
	s.step("produce", func() (any, error) {
		records := []*kgo.Record{}
		for range 10 {
			records = append(records, &kgo.Record{Topic: "franz", Partition: 1, Key: []byte("k"), Value: []byte("v")})
		}
		return nothing(s.data.ProduceSync(ctx, records...).FirstErr())
	})
	s.step("first offsets", func() (any, error) { return c.ListStartOffsets(ctx, "franz", "franz-none") })
	s.step("last offsets", func() (any, error) { return c.ListEndOffsets(ctx, "franz") })
	s.step("committed offsets", func() (any, error) { return c.ListCommittedOffsets(ctx, "franz") })
	s.step("local offsets", func() (any, error) { return c.ListLocalLogStartOffsets(ctx, "franz") })
	s.step("remote offsets", func() (any, error) { return c.ListLatestRemoteOffsets(ctx, "franz") })
	s.step("offsets after all", func() (any, error) { return c.ListOffsetsAfterMilli(ctx, 1<<50, "franz") })
	s.step("delete records", func() (any, error) {
		offsets := kadm.Offsets{}
		offsets.Add(kadm.Offset{Topic: "franz", Partition: 1, At: 4})
		offsets.Add(kadm.Offset{Topic: "franz", Partition: 0, At: 4})
		return c.DeleteRecords(ctx, offsets)
	})
	s.step("first offsets then", func() (any, error) { return c.ListStartOffsets(ctx, "franz") })
	s.step("end of an epoch", func() (any, error) {
		request := kadm.OffsetForLeaderEpochRequest{}
		request.Add("franz", 1, 0)
		request.Add("franz", 2, 7)
		return c.OffetForLeaderEpoch(ctx, request)
	})
	s.step("producers", func() (any, error) {
		described, err := c.DescribeProducers(ctx, kadm.TopicsSet{"franz": {0: {}}})
		return described, err
	})
}

func (s *franzStory) replicas(ctx context.Context) {
	c := s.client
	topics := kadm.TopicsSet{"franz": {0: {}, 1: {}}}
	s.step("elect leaders", func() (any, error) { return c.ElectLeaders(ctx, kadm.ElectPreferredReplica, topics) })
	s.step("elect leaders uncleanly", func() (any, error) { return c.ElectLeaders(ctx, kadm.ElectLiveReplica, topics) })
	s.step("reassign", func() (any, error) {
		request := kadm.AlterPartitionAssignmentsReq{}
		request.Assign("franz", 0, []int32{1})
		request.Assign("franz", 1, []int32{9})
		request.CancelAssign("franz", 2)
		return c.AlterPartitionAssignments(ctx, request)
	})
	s.step("list reassignments", func() (any, error) { return c.ListPartitionReassignments(ctx, topics) })
	s.step("log directories", func() (any, error) {
		described, err := c.DescribeBrokerLogDirs(ctx, 1, topics)
		counts := map[string]int{}
		for path, each := range described {
			for _, partitions := range each.Topics {
				counts[path] += len(partitions)
			}
		}
		return counts, err
	})
	s.step("move to nowhere", func() (any, error) {
		request := kadm.AlterReplicaLogDirsReq{}
		request.Add("/no/such/place", topics)
		return c.AlterBrokerReplicaLogDirs(ctx, 1, request)
	})
}

func (s *franzStory) people(ctx context.Context) {
	c := s.client
	s.step("set quotas", func() (any, error) {
		return c.AlterClientQuotas(ctx, []kadm.AlterClientQuotaEntry{{
			Entity: kadm.ClientQuotaEntity{{Type: "user", Name: text("franz")}},
			Ops:    []kadm.AlterClientQuotaOp{{Key: "producer_byte_rate", Value: 1e9}}}, {
			Entity: kadm.ClientQuotaEntity{{Type: "user", Name: text("franz-2")}},
			Ops:    []kadm.AlterClientQuotaOp{{Key: "none", Value: 1}}}})
	})
	s.until("describe quotas", []string{"producer_byte_rate"}, func() (any, error) {
		return c.DescribeClientQuotas(ctx, true, []kadm.DescribeClientQuotaComponent{
			{Type: "user", MatchName: text("franz"), MatchType: kmsg.QuotasMatchTypeExact}})
	})
	s.step("set credentials", func() (any, error) {
		return c.AlterUserSCRAMs(ctx, []kadm.DeleteSCRAM{{User: "franz-none", Mechanism: kadm.ScramSha256}},
			[]kadm.UpsertSCRAM{{User: "franz", Mechanism: kadm.ScramSha512, Iterations: 5000, Password: "secret"}})
	})
	s.until("describe credentials", []string{"5000"}, func() (any, error) {
		return c.DescribeUserSCRAMs(ctx, "franz", "franz-none")
	})
	s.step("describe rules", func() (any, error) {
		return c.DescribeACLs(ctx, kadm.NewACLs().Topics().Allow().AllowHosts().Operations().ResourcePatternType(kadm.ACLPatternAny))
	})
}

func (s *franzStory) cluster(ctx context.Context) {
	c := s.client
	s.step("brokers", func() (any, error) { return c.ListBrokers(ctx) })
	s.step("metadata", func() (any, error) {
		found, err := c.BrokerMetadata(ctx)
		return []any{found.Cluster, found.Controller, found.Brokers}, err
	})
}
