package main

import (
	"sort"

	"github.com/IBM/sarama"
)

// saramaStory is the administration of topics named after sarama.
type saramaStory struct {
	story
	admin sarama.ClusterAdmin
}

func (saramaClient) Admin(request Request) (Reply, error) {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	admin, err := sarama.NewClusterAdmin([]string{request.Bootstrap}, config)
	if err != nil {
		return Reply{}, err
	}
	defer admin.Close()
	s := saramaStory{admin: admin}
	s.topics()
	s.configurations()
	s.rest()
	s.step("delete", func() (any, error) { return nothing(admin.DeleteTopic("sarama")) })
	s.step("delete nothing", func() (any, error) { return nothing(admin.DeleteTopic("sarama-none")) })
	return Reply{Told: s.told}, nil
}

func (s *saramaStory) topics() {
	a := s.admin
	detail := &sarama.TopicDetail{NumPartitions: 2, ReplicationFactor: 1,
		ConfigEntries: map[string]*string{"retention.ms": text("7200000")}}
	s.step("create", func() (any, error) { return nothing(a.CreateTopic("sarama", detail, false)) })
	s.step("create again", func() (any, error) { return nothing(a.CreateTopic("sarama", detail, false)) })
	s.step("create what is too much", func() (any, error) {
		return nothing(a.CreateTopic("sarama-2", &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 3}, true))
	})
	s.until("list", []string{"7200000"}, func() (any, error) {
		topics, err := a.ListTopics()
		return topics["sarama"], err
	})
	s.step("describe", func() (any, error) { return a.DescribeTopics([]string{"sarama", "sarama-none"}) })
	s.step("grow", func() (any, error) { return nothing(a.CreatePartitions("sarama", 3, [][]int32{{1}}, false)) })
	s.step("shrink", func() (any, error) { return nothing(a.CreatePartitions("sarama", 1, nil, false)) })
	s.until("list what has grown", []string{`"NumPartitions":3`}, func() (any, error) {
		topics, err := a.ListTopics()
		return topics["sarama"], err
	})
}

func (s *saramaStory) configurations() {
	a := s.admin
	topic := sarama.ConfigResource{Type: sarama.TopicResource, Name: "sarama"}
	described := func() (any, error) {
		entries, err := a.DescribeConfig(topic)
		kept := []sarama.ConfigEntry{}
		for _, each := range entries {
			if !each.Default {
				kept = append(kept, each)
			}
		}
		sort.Slice(kept, func(a, b int) bool { return kept[a].Name < kept[b].Name })
		return kept, err
	}
	s.step("alter", func() (any, error) {
		return nothing(a.IncrementalAlterConfig(sarama.TopicResource, "sarama",
			map[string]sarama.IncrementalAlterConfigsEntry{
				"max.message.bytes": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: text("3000000")}}, false))
	})
	s.until("describe a configuration", []string{"3000000"}, described)
	s.step("alter all", func() (any, error) {
		return nothing(a.AlterConfig(sarama.TopicResource, "sarama", map[string]*string{"retention.bytes": text("999999")}, false))
	})
	s.until("describe it again", []string{"999999"}, described)
	s.step("alter wrongly", func() (any, error) {
		return nothing(a.AlterConfig(sarama.TopicResource, "sarama", map[string]*string{"retention.bytes": text("x")}, false))
	})
}

func (s *saramaStory) rest() {
	a := s.admin
	s.step("delete records", func() (any, error) { return nothing(a.DeleteRecords("sarama", map[int32]int64{0: 0})) })
	s.step("delete records that are not there", func() (any, error) {
		return nothing(a.DeleteRecords("sarama", map[int32]int64{0: 5}))
	})
	s.step("elect", func() (any, error) {
		return a.ElectLeaders(sarama.PreferredElection, map[string][]int32{"sarama": {0, 1}})
	})
	s.step("reassign", func() (any, error) { return nothing(a.AlterPartitionReassignments("sarama", [][]int32{{1}, {1}, {1}})) })
	s.step("reassign to nobody", func() (any, error) {
		return nothing(a.AlterPartitionReassignments("sarama", [][]int32{{9}, {1}, {1}}))
	})
	s.step("reassignments", func() (any, error) { return a.ListPartitionReassignments("sarama", []int32{0, 1}) })
	s.step("set a quota", func() (any, error) {
		return nothing(a.AlterClientQuotas([]sarama.QuotaEntityComponent{
			{EntityType: sarama.QuotaEntityClientID, MatchType: sarama.QuotaMatchExact, Name: "sarama"}},
			sarama.ClientQuotasOp{Key: "consumer_byte_rate", Value: 1e9}, false))
	})
	s.until("quotas", []string{"consumer_byte_rate"}, func() (any, error) {
		return a.DescribeClientQuotas([]sarama.QuotaFilterComponent{
			{EntityType: sarama.QuotaEntityClientID, MatchType: sarama.QuotaMatchExact, Match: "sarama"}}, true)
	})
	s.step("set credentials", func() (any, error) {
		return a.UpsertUserScramCredentials([]sarama.AlterUserScramCredentialsUpsert{{Name: "sarama",
			Mechanism: sarama.SCRAM_MECHANISM_SHA_256, Iterations: 4097, Salt: []byte("salt"), Password: []byte("secret")}})
	})
	s.until("credentials", []string{"4097"}, func() (any, error) { return a.DescribeUserScramCredentials([]string{"sarama"}) })
	s.step("rules", func() (any, error) {
		return a.ListAcls(sarama.AclFilter{ResourceType: sarama.AclResourceAny, Operation: sarama.AclOperationAny,
			PermissionType: sarama.AclPermissionAny, ResourcePatternTypeFilter: sarama.AclPatternAny})
	})
	s.step("cluster", func() (any, error) {
		brokers, controller, err := a.DescribeCluster()
		addresses := []string{}
		for _, each := range brokers {
			addresses = append(addresses, each.Addr())
		}
		return []any{addresses, controller}, err
	})
	s.step("log directories", func() (any, error) {
		found, err := a.DescribeLogDirs([]int32{1})
		return len(found[1]), err
	})
}
